"""Who may use a code, when and how often."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from order_service.pricing.discount import Discount, DiscountedItem
from order_service.pricing.discount_terms import DiscountTerms, LockedDiscount, customer_name, normal_code
from schemas.ids import ProductId, UserId

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ITEMS = [DiscountedItem(ProductId(1), 2000)]
DAY = timedelta(days=1)


def refusal(customer: str = "user:1", uses: int = 0, used_by: dict[str, int] | None = None, **terms: Any) -> str | None:
    discount = Discount(
        "C", "percent", 100_000, **{k: terms.pop(k) for k in ("product_ids", "min_items_minor") if k in terms}
    )
    return LockedDiscount(1, discount, DiscountTerms(**terms), uses, used_by or {}).refusal(customer, ITEMS, NOW, "USD")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, None),
        ({"is_active": False}, "no longer valid"),
        ({"valid_from": NOW}, None),
        ({"valid_from": NOW + DAY}, "not valid yet"),
        ({"valid_until": NOW}, "no longer valid"),
        ({"valid_until": NOW + DAY}, None),
        ({"max_uses": 2, "uses": 1}, None),
        ({"max_uses": 2, "uses": 2}, "used up"),
        ({"max_uses": 0}, "used up"),
        ({"max_uses_per_customer": 1, "used_by": {"user:2": 5}}, None),
        ({"max_uses_per_customer": 1, "used_by": {"user:1": 1}}, "as often as one customer may"),
        ({"max_uses_per_customer": 1, "customer": ""}, "needs an account"),
        ({"product_ids": [ProductId(1)]}, None),
        ({"product_ids": [ProductId(2)]}, "applies to nothing"),
        ({"min_items_minor": 2000}, None),
        ({"min_items_minor": 2001}, "at least 20.01 USD"),
    ],
)
def test_a_code_holds_within_its_window_and_its_limits(asked: dict[str, Any], expected: str | None) -> None:
    told = refusal(**asked)
    assert (told is None) if expected is None else (told is not None and expected in told)


@given(
    st.integers(0, 20), st.integers(1, 5), st.lists(st.sampled_from(["user:1", "user:2", "email:a@b.co"]), max_size=40)
)
def test_a_batch_never_uses_a_code_beyond_either_limit(most: int, each: int, customers: list[str]) -> None:
    terms = DiscountTerms(max_uses=most, max_uses_per_customer=each)
    locked = LockedDiscount(1, Discount("C", "percent", 1), terms, 0, {})
    for customer in customers:
        if locked.refusal(customer, ITEMS, NOW, "USD") is None:
            locked.take(customer)
    possible = sum(min(each, customers.count(customer)) for customer in set(customers))
    assert locked.uses == min(most, possible)
    assert all(uses <= each for uses in locked.used_by.values())


def test_codes_and_customers_are_known_whatever_the_letter_case() -> None:
    assert normal_code(" Autumn-5 ") == "AUTUMN-5"
    assert customer_name(UserId(3), "a@b.co") == "user:3"
    assert customer_name(None, " A@B.co ") == "email:a@b.co"
    assert not customer_name(None, None)
