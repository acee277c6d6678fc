"""Makes the demonstration stores and what they have on hand, as lines of the import files; called by `aisle seed`."""

import random
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from order_service.catalog.line_reader import Line

SEED: Final = 20_260_402
STOCKED_SHARE: Final = 0.6
SOLD_OUT_SHARE: Final = 0.1
MOST_ON_HAND: Final = 80

CITIES: Final = (
    ("Seattle", "WA", "98101", 47.61, -122.34), ("Portland", "OR", "97204", 45.52, -122.68),
    ("San Francisco", "CA", "94103", 37.77, -122.41), ("Los Angeles", "CA", "90014", 34.05, -118.25),
    ("San Diego", "CA", "92101", 32.72, -117.16), ("Phoenix", "AZ", "85004", 33.45, -112.07),
    ("Las Vegas", "NV", "89101", 36.17, -115.14), ("Salt Lake City", "UT", "84101", 40.76, -111.89),
    ("Denver", "CO", "80202", 39.74, -104.99), ("Albuquerque", "NM", "87102", 35.08, -106.65),
    ("Dallas", "TX", "75201", 32.78, -96.80), ("Austin", "TX", "78701", 30.27, -97.74),
    ("Houston", "TX", "77002", 29.76, -95.37), ("Kansas City", "MO", "64106", 39.10, -94.58),
    ("Minneapolis", "MN", "55401", 44.98, -93.27), ("Chicago", "IL", "60602", 41.88, -87.63),
    ("Detroit", "MI", "48226", 42.33, -83.05), ("Nashville", "TN", "37203", 36.16, -86.78),
    ("Atlanta", "GA", "30303", 33.75, -84.39), ("Miami", "FL", "33130", 25.77, -80.19),
    ("Charlotte", "NC", "28202", 35.23, -80.84), ("Washington", "DC", "20001", 38.91, -77.02),
    ("Philadelphia", "PA", "19107", 39.95, -75.16), ("New York", "NY", "10001", 40.75, -73.99),
    ("Boston", "MA", "02108", 42.36, -71.06),
)  # fmt: skip


def store_lines() -> Iterator[Line]:
    """Give the 25 stores as lines of a store file; the coordinates are those of the cities."""
    for number, (city, region, postal_code, latitude, longitude) in enumerate(CITIES, start=1):
        fields = {
            "code": f"A{number:02d}",
            "name": f"Aisle {city}",
            "city": city,
            "region": region,
            "postal_code": postal_code,
            "country": "US",
            "latitude": latitude,
            "longitude": longitude,
        }
        yield Line(number, msgspec.json.encode(fields))


def inventory_lines(skus: Iterable[str]) -> Iterator[Line]:
    """Give what the stores have of these products as lines of an inventory file, its header first.

    Each store keeps some of them, and some of those are sold out; the first store has all, so that an order that
    names no store usually succeeds.
    """
    generator = random.Random(SEED)  # noqa: S311 - made-up stock, not a secret
    yield Line(1, b"store_code,id,quantity")
    number = 1
    for sku in skus:
        for store in range(1, len(CITIES) + 1):
            if store == 1 or generator.random() < STOCKED_SHARE:
                number += 1
                yield Line(number, f"A{store:02d},{sku},{_quantity(generator, store)}".encode())


def _quantity(generator: random.Random, store: int) -> int:
    if store > 1 and generator.random() < SOLD_OUT_SHARE:
        return 0
    return generator.randint(1, MOST_ON_HAND)
