"""What is paid back for pieces that come back: the parts of a line add up to what was paid for it."""

import uuid
from datetime import UTC, datetime

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from order_service.orders.money_plan import By
from order_service.orders.order import Order, OrderLine, ReturnedLine
from order_service.orders.return_goods import ReturnWanted, paid_for, plan_return
from order_service.pricing.totals import Totals
from schemas.ids import OrderId, ProductId
from tests.factories.payments import a_payment

BY = By("staff:1", datetime.now(UTC))


@st.composite
def sold_lines(draw: st.DrawFn) -> OrderLine:
    quantity, price = draw(st.integers(1, 7)), draw(st.integers(1, 999))
    total = quantity * price
    return OrderLine(
        product_id=ProductId(1),
        sku="s",
        product_title="t",
        quantity=quantity,
        unit_price_minor=price,
        line_total_minor=total,
        discount_minor=draw(st.integers(0, total)),
        tax_minor=draw(st.integers(0, total)),
    )


def order_of(line: OrderLine, captured: int, *, prices_include_tax: bool) -> Order:
    paid = a_payment(status="CAPTURED", amount_minor=max(captured, 1), captured_minor=captured)
    return Order(
        id=OrderId(uuid.uuid4()),
        number="A1",
        status="DELIVERED",
        currency="USD",
        total_minor=captured,
        created_at=BY.now,
        lines=[line],
        totals=Totals(prices_include_tax=prices_include_tax),
        payments=[paid],
    )


def back(order: Order, quantity: int) -> int:
    wanted = ReturnWanted((ReturnedLine(1, quantity, restocked=True),))
    return sum(refund.amount_minor for refund in plan_return(order, wanted, BY).refunds)


@given(sold_lines(), st.data(), st.booleans())
def test_the_parts_of_a_line_add_up_to_what_was_paid_for_it(
    line: OrderLine,
    data: st.DataObject,
    prices_include_tax: bool,  # noqa: FBT001 - drawn
) -> None:
    whole = paid_for(line, prices_include_tax=prices_include_tax)
    parts = []
    while line.returned < line.quantity:
        quantity = data.draw(st.integers(1, line.quantity - line.returned))
        parts.append(back(order_of(line, whole, prices_include_tax=prices_include_tax), quantity))
        line = msgspec.structs.replace(line, returned=line.returned + quantity)
    assert sum(parts) == whole


@given(sold_lines(), st.integers(0, 500))
def test_no_more_is_paid_back_than_was_captured(line: OrderLine, captured: int) -> None:
    assert back(order_of(line, captured, prices_include_tax=True), line.quantity) <= captured


def test_tax_that_was_added_is_paid_back_and_tax_within_the_price_is_not_added() -> None:
    line = OrderLine(ProductId(1), "s", "t", 2, 1000, 2000, discount_minor=500, tax_minor=300)
    assert [paid_for(line, prices_include_tax=each) for each in (True, False)] == [1500, 1800]
