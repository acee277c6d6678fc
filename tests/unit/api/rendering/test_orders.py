"""Orders in both shapes."""

import uuid
from datetime import UTC, datetime

import msgspec

from api.rendering.orders import earlier_order_body, order_body, store_order_body
from order_service.orders.order import HistoryEntry, Order, OrderLine
from order_service.pricing.totals import ShippingTax, Totals
from schemas.ids import OrderId, ProductId, StoreId, UserId

WHEN = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
ORDER = Order(
    id=OrderId(uuid.UUID(int=7)),
    number="100001",
    status="CONFIRMED",
    currency="USD",
    total_minor=2500,
    created_at=WHEN,
    lines=[OrderLine(ProductId(4), "sku", "Cable", 2, 1250, 2500, StoreId(3))],
    store_id=StoreId(3),
    user_id=UserId(9),
    history=[HistoryEntry(None, "CONFIRMED", "user:9", "", WHEN)],
)


def test_the_present_shape_has_amounts_as_decimal_strings() -> None:
    body = msgspec.to_builtins(order_body(ORDER))
    assert (body["total"], body["currency"], body["store"], body["created_at"]) == (
        "25.00",
        "USD",
        3,
        "2026-11-01T09:30:00Z",
    )
    assert body["items"] == [
        {
            "id": 1,
            "product": 4,
            "product_title": "Cable",
            "sku": "sku",
            "quantity": 2,
            "unit_price": "12.50",
            "line_total": "25.00",
            "discount": "0.00",
            "tax": "0.00",
            "tax_rate": "0",
            "store": 3,
        }
    ]
    assert not {"history", "order_token"} & body.keys()


def test_detail_has_the_history_without_saying_who() -> None:
    body = msgspec.to_builtins(order_body(ORDER, with_detail=True, token="t"))  # noqa: S106 - stands for any token
    assert body["history"] == [
        {"from_status": None, "to_status": "CONFIRMED", "reason": "", "created_at": "2026-11-01T09:30:00Z"}
    ]
    assert body["order_token"] == "t"  # noqa: S105 - stands for any token


def test_the_earlier_shape_gives_a_reason_only_to_the_rejected() -> None:
    rejected = msgspec.structs.replace(ORDER, status="REJECTED", reason="Insufficient stock for one or more items.")
    assert "reason" not in msgspec.to_builtins(earlier_order_body(ORDER))
    body = msgspec.to_builtins(earlier_order_body(rejected))
    assert body["reason"] == "Insufficient stock for one or more items."
    assert body["items"] == [{"product_id": 4, "product_title": "Cable", "quantity_requested": 2}]


def test_a_stores_list_counts_lines() -> None:
    assert store_order_body(ORDER).total_items == 1


def test_the_breakdown_shows_discount_shipping_and_tax_by_rate() -> None:
    line = OrderLine(ProductId(4), "sku", "Cable", 2, 1250, 2500, StoreId(3), 500, "VAT", 210_000, 420)
    totals = Totals(2500, 500, 399, 504, prices_include_tax=False, shipping_tax=ShippingTax("VAT", 210_000, 84))
    order = msgspec.structs.replace(ORDER, lines=[line], totals=totals, total_minor=totals.total_minor)
    body = msgspec.to_builtins(order_body(order))
    shown = {name: body[name] for name in ("items_total", "discount", "shipping", "tax", "total")}
    assert shown == {"items_total": "25.00", "discount": "5.00", "shipping": "3.99", "tax": "5.04", "total": "29.03"}
    assert body["tax_lines"] == [{"name": "VAT", "rate": "21", "taxable": "23.99", "tax": "5.04"}]
    assert (body["items"][0]["tax_rate"], body["items"][0]["tax"]) == ("21", "4.20")
