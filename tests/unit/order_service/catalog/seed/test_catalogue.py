"""The seed is big enough, good enough for the importer, and the same each time."""

from collections import Counter

import pytest

from order_service.catalog.feed_product import parse_feed_line
from order_service.catalog.seed.catalogue import product_lines, products
from order_service.catalog.seed.gtin import check_digit


def test_there_are_twelve_departments_and_enough_products() -> None:
    seeded = list(products("USD"))
    assert len({fields["product_type"].partition(" > ")[0] for fields in seeded}) == 12
    assert len(seeded) >= 1200
    for unique_field in ("id", "title", "gtin"):
        assert len({fields[unique_field] for fields in seeded}) == len(seeded)


def test_it_is_the_same_each_time() -> None:
    assert list(product_lines("USD")) == list(product_lines("USD"))


@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD"])
def test_every_line_is_good_in_any_currency(currency: str) -> None:
    for line in product_lines(currency):
        assert parse_feed_line(line.content or b"", currency).price_minor > 0


def test_check_digits_are_valid() -> None:
    assert check_digit("629104150021") == 3  # the example of the GS1 General Specifications
    assert all(check_digit(fields["gtin"][:-1]) == int(fields["gtin"][-1]) for fields in products("USD"))


def test_variants_share_a_group_and_differ_in_title() -> None:
    groups = Counter(fields["item_group_id"] for fields in products("USD") if "item_group_id" in fields)
    assert len(groups) > 100
    assert all(2 <= size <= 3 for size in groups.values())


@pytest.mark.parametrize("words", ["hdmi cable", "usb-c charger", "running shoes", "coffee"])
def test_what_people_look_for_is_sold(words: str) -> None:
    assert sum(words in fields["title"].lower() for fields in products("USD")) >= 15
