"""Verdicts over stock that is locked already."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from order_service.errors import ShortLine
from order_service.orders.decide import LockedStock, ProductForSale, Terms, decide
from order_service.orders.placement import LineRequest, Outcome, Placed, PlacementRequest, Refused, line_faults
from schemas.ids import ProductId, StoreId

STORE = StoreId(1)
TERMS = Terms("USD", 0, datetime(2026, 1, 2, tzinfo=UTC))


def stock(*quantities: int, price: int = 1000) -> LockedStock:
    """Lay out products 1, 2, … with these quantities in store 1."""
    products = {
        ProductId(number): ProductForSale(ProductId(number), f"sku{number}", f"Product {number}", price)
        for number in range(1, len(quantities) + 1)
    }
    available = {(STORE, ProductId(number)): quantity for number, quantity in enumerate(quantities, 1)}
    return LockedStock(products, {STORE}, available)


def order(*lines: tuple[int, int], store_id: StoreId | None = STORE) -> PlacementRequest:
    """Ask for (product, quantity) pairs."""
    return PlacementRequest(tuple(LineRequest(ProductId(product), quantity) for product, quantity in lines), store_id)


def decided(
    request: PlacementRequest, store_id: StoreId | None, number: str, locked: LockedStock, terms: Terms
) -> Outcome:
    """Decide the whole order at one store."""
    return decide(request, [store_id] * len(request.lines), number, locked, terms)


def placed(outcome: object) -> Placed:
    assert isinstance(outcome, Placed)
    return outcome


def test_a_served_order_is_confirmed_and_takes_its_stock() -> None:
    locked = stock(5, 1)
    outcome = placed(decided(order((1, 2), (2, 1)), STORE, "A1", locked, TERMS))
    assert (outcome.order.status, outcome.order.total_minor, outcome.short) == ("CONFIRMED", 3000, [])
    assert locked.available == {(STORE, 1): 3, (STORE, 2): 0}


def test_one_short_line_rejects_the_whole_order_and_takes_nothing() -> None:
    locked = stock(5, 1)
    outcome = placed(decided(order((1, 2), (2, 2)), STORE, "A1", locked, TERMS))
    assert outcome.order.status == "REJECTED"
    assert outcome.order.reason
    assert outcome.short == [ShortLine(ProductId(2), 2, 1)]
    assert locked.available == {(STORE, 1): 5, (STORE, 2): 1}


def test_an_order_without_any_store_is_rejected_with_nothing_available() -> None:
    outcome = placed(decided(order((1, 1), store_id=None), None, "A1", stock(5), TERMS))
    assert outcome.order.status == "REJECTED"
    assert outcome.short == [ShortLine(ProductId(1), 1, 0)]


def test_every_unknown_product_and_the_unknown_store_are_named() -> None:
    outcome = decided(order((1, 1), (7, 1), (8, 1), store_id=StoreId(9)), StoreId(9), "A1", stock(5), TERMS)
    assert isinstance(outcome, Refused)
    assert [fault.field for fault in outcome.faults] == ["items[1].product_id", "items[2].product_id", "store_id"]


def test_a_total_under_the_least_order_is_refused() -> None:
    outcome = decided(order((1, 1)), STORE, "A1", stock(5), TERMS._replace(min_total_minor=1001))
    assert isinstance(outcome, Refused)
    assert "10.01 USD" in outcome.faults[0].message


def test_a_total_beyond_every_bound_is_refused() -> None:
    outcome = decided(order((1, 1_000_000)), STORE, "A1", stock(5, price=10**13), TERMS)
    assert isinstance(outcome, Refused)


@given(
    on_hand=st.integers(0, 30),
    wanted=st.lists(st.integers(1, 8), min_size=1, max_size=20),
)
def test_a_batch_sells_in_order_and_never_beyond_stock(on_hand: int, wanted: list[int]) -> None:
    locked, left, sold = stock(on_hand), on_hand, 0
    for number, quantity in enumerate(wanted):
        outcome = placed(decided(order((1, quantity)), STORE, f"A{number}", locked, TERMS))
        fits = quantity <= left
        assert outcome.order.status == ("CONFIRMED" if fits else "REJECTED")
        if fits:
            left, sold = left - quantity, sold + quantity
    assert sold + locked.available[STORE, ProductId(1)] == on_hand


def test_lines_are_checked_by_field() -> None:
    lines = [LineRequest(ProductId(1), 0), LineRequest(ProductId(2), 10**30), LineRequest(ProductId(1), 1)]
    assert [fault.field for fault in line_faults(lines)] == [
        "items[0].quantity",
        "items[1].quantity",
        "items[2].product_id",
    ]


def test_no_lines_and_too_many_lines_are_refused() -> None:
    assert line_faults([])[0].field == "items"
    assert line_faults([LineRequest(ProductId(number), 1) for number in range(101)])[0].field == "items"


def test_each_line_takes_from_its_own_store_and_the_order_names_none_of_several() -> None:
    locked, other = stock(5, 0), StoreId(2)
    locked.available[other, ProductId(2)] = 3
    request = order((1, 2), (2, 3), store_id=None)
    outcome = placed(decide(request, [STORE, other], "A1", locked, TERMS))
    assert (outcome.order.status, outcome.order.store_id) == ("CONFIRMED", None)
    assert [line.store_id for line in outcome.order.lines] == [STORE, other]
    assert locked.available == {(STORE, 1): 3, (STORE, 2): 0, (other, 2): 0}
    again = placed(decide(request, [STORE, other], "A2", locked, TERMS))
    assert again.short == [ShortLine(ProductId(2), 3, 0)]
    assert locked.available[STORE, ProductId(1)] == 3
