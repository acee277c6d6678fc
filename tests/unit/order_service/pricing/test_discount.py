"""What a discount takes off each line."""

from hypothesis import given
from hypothesis import strategies as st

from order_service.pricing.discount import Discount, DiscountedItem, applies_to_any, line_discounts, spread
from schemas.ids import ProductId

TOTALS = st.lists(st.integers(1, 10**12), min_size=1, max_size=100)


def items(*totals: int) -> list[DiscountedItem]:
    """Make lines of products 1, 2, …"""
    return [DiscountedItem(ProductId(number), total) for number, total in enumerate(totals, 1)]


@given(TOTALS, st.integers(0, 10**13))
def test_a_fixed_amount_is_shared_out_exactly_and_no_line_gives_more_than_it_has(
    totals: list[int], amount: int
) -> None:
    off = line_discounts(Discount("C", "fixed", amount_minor=amount), items(*totals))
    assert sum(off) == min(amount, sum(totals))
    assert all(0 <= part <= total for part, total in zip(off, totals, strict=True))


@given(TOTALS, st.integers(0, 10**13))
def test_no_part_is_a_unit_away_from_its_exact_share(totals: list[int], amount: int) -> None:
    whole = sum(totals)
    given_out = min(amount, whole)
    for part, total in zip(spread(given_out, totals), totals, strict=True):
        assert abs(part * whole - given_out * total) < whole


@given(TOTALS, st.integers(0, 1_000_000))
def test_a_percentage_is_rounded_half_up_on_each_line(totals: list[int], ppm: int) -> None:
    off = line_discounts(Discount("C", "percent", ppm=ppm), items(*totals))
    assert off == [(total * ppm + 500_000) // 1_000_000 for total in totals]
    assert all(part <= total for part, total in zip(off, totals, strict=True))


def test_a_discount_of_some_products_leaves_the_others_alone() -> None:
    some = [ProductId(2), ProductId(3)]
    assert line_discounts(Discount("C", "percent", 100_000, product_ids=some), items(1000, 1000, 500)) == [0, 100, 50]
    fixed = Discount("C", "fixed", amount_minor=300, product_ids=some)
    assert line_discounts(fixed, items(1000, 1000, 500)) == [0, 200, 100]
    assert not applies_to_any(fixed, items(1000))
    assert line_discounts(fixed, items(1000)) == [0]
