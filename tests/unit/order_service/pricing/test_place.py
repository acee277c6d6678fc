"""Places and the order in which a table is asked for them."""

import pytest

from order_service.pricing.place import ANYWHERE, Place, place_faults, place_named, place_of


def test_a_region_widens_to_its_country_and_then_to_everywhere() -> None:
    assert list(Place("US", "CA").widening()) == [Place("US", "CA"), Place("US"), ANYWHERE]
    assert list(Place("LT").widening()) == [Place("LT"), ANYWHERE]
    assert list(ANYWHERE.widening()) == [ANYWHERE]


def test_letter_case_and_blanks_do_not_matter() -> None:
    assert place_of({"country": " us", "region": "ca "}) == Place("US", "CA")
    assert place_of({}) == ANYWHERE


@pytest.mark.parametrize(
    ("country", "region", "fields"),
    [("LT", "", []), ("", "", []), ("XX", "", ["country"]), ("", "CA", ["region"]), ("US", "x" * 101, ["region"])],
)
def test_faults_are_named(country: str, region: str, fields: list[str]) -> None:
    assert [fault.field for fault in place_faults(place_named(country, region))] == fields
