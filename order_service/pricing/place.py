"""Where goods go, as far as prices depend on it; used by tax rates and shipping methods. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from order_service.errors import FieldFault
from schemas.countries import COUNTRIES

MAX_REGION = 100


class Place(NamedTuple):
    """A country (ISO 3166-1 alpha-2) and a region of it, both in capitals; empty means anywhere."""

    country: str = ""
    region: str = ""

    def widening(self) -> Iterator["Place"]:
        """Give the place itself, then its country, then everywhere: the order in which a table is asked."""
        if self.region:
            yield self
        if self.country:
            yield Place(self.country)
        yield ANYWHERE


ANYWHERE = Place()


def place_named(country: str, region: str) -> Place:
    """Make a place of what people write, whatever the letter case."""
    return Place(country.strip().upper(), region.strip().upper())


def place_of(address: Mapping[str, Any]) -> Place:
    """Give the place of an address."""
    return place_named(address.get("country", ""), address.get("region", ""))


def place_faults(place: Place, path: str = "") -> list[FieldFault]:
    """Check a place of a table: a known country or none, and a region only within one."""
    faults = []
    if place.country and place.country not in COUNTRIES:
        faults.append(FieldFault(f"{path}country", "is not an ISO 3166-1 alpha-2 code such as LT"))
    if place.region and not place.country:
        faults.append(FieldFault(f"{path}region", "needs a country"))
    if len(place.region) > MAX_REGION:
        faults.append(FieldFault(f"{path}region", f"takes at most {MAX_REGION} characters"))
    return faults
