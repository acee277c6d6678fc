"""Verdicts over locked stock: pure, first come first served; called by `place_orders` between its two statements."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
import uuid_utils.compat

from order_service.errors import FieldFault
from order_service.orders.order import HistoryEntry, Order, OrderLine
from order_service.orders.placement import (
    MAX_TOTAL_MINOR,
    SHORT_STOCK,
    Outcome,
    Placed,
    PlacementRequest,
    Refused,
    ShortLine,
)
from schemas.ids import OrderId, ProductId, StoreId
from schemas.money import to_amount


class ProductForSale(msgspec.Struct, frozen=True):
    """What a line needs of its product, as read under the locks."""

    id: ProductId
    sku: str
    title: str
    price_minor: int


class LockedStock(NamedTuple):
    """Everything the verdicts rest on; `available` is run down as orders of the batch are confirmed."""

    products: dict[ProductId, ProductForSale]
    stores: set[StoreId]
    available: dict[tuple[StoreId, ProductId], int]


class Terms(NamedTuple):
    """The rules of the shop that a verdict applies."""

    currency: str
    min_total_minor: int
    now: datetime


def decide(
    request: PlacementRequest, store_id: StoreId | None, number: str, stock: LockedStock, terms: Terms
) -> Outcome:
    """Judge one order at one store and take its stock from `stock.available` if it is confirmed.

    `store_id` is the request's own or the one chosen for it; None when no store has ever stocked its products.
    """
    faults = _faults(request, stock)
    if faults:
        return Refused(faults)
    lines = [_line(request, position, store_id, stock) for position in range(len(request.lines))]
    total = sum(line.line_total_minor for line in lines)
    faults = _total_faults(total, terms)
    if faults:
        return Refused(faults)
    short = short_lines(lines, store_id, stock)
    if not short and store_id is not None:
        for line in lines:
            stock.available[store_id, line.product_id] -= line.quantity
    status = "REJECTED" if short else "CONFIRMED"
    return Placed(_order(request, store_id, number, status, lines, total, terms), short)


def short_lines(lines: Sequence[OrderLine], store_id: StoreId | None, stock: LockedStock) -> list[ShortLine]:
    """List the lines that the store cannot serve, each with what it has."""
    return [
        ShortLine(line.product_id, line.quantity, has)
        for line in lines
        if (has := stock.available.get((store_id, line.product_id), 0) if store_id is not None else 0) < line.quantity
    ]


def _faults(request: PlacementRequest, stock: LockedStock) -> list[FieldFault]:
    faults = [
        FieldFault(f"items[{position}].product_id", "is not a product on sale")
        for position, line in enumerate(request.lines)
        if line.product_id not in stock.products
    ]
    if request.store_id is not None and request.store_id not in stock.stores:
        faults.append(FieldFault("store_id", "is not a store"))
    return faults


def _total_faults(total: int, terms: Terms) -> list[FieldFault]:
    if total > MAX_TOTAL_MINOR:
        return [FieldFault("items", "come to more than an order may")]
    if total < terms.min_total_minor:
        least = to_amount(terms.min_total_minor, terms.currency)
        return [FieldFault("items", f"come to less than the least order of {least} {terms.currency}")]
    return []


def _line(request: PlacementRequest, position: int, store_id: StoreId | None, stock: LockedStock) -> OrderLine:
    wanted = request.lines[position]
    product = stock.products[wanted.product_id]
    return OrderLine(
        product_id=product.id,
        sku=product.sku,
        product_title=product.title,
        quantity=wanted.quantity,
        unit_price_minor=product.price_minor,
        line_total_minor=product.price_minor * wanted.quantity,
        store_id=store_id,
    )


def _order(  # noqa: PLR0913, PLR0917 - the parts of one order, gathered in `decide`
    request: PlacementRequest,
    store_id: StoreId | None,
    number: str,
    status: str,
    lines: list[OrderLine],
    total: int,
    terms: Terms,
) -> Order:
    reason = SHORT_STOCK if status == "REJECTED" else ""
    return Order(
        id=OrderId(uuid_utils.compat.uuid7()),
        number=number,
        status=status,
        currency=terms.currency,
        total_minor=total,
        created_at=terms.now,
        lines=lines,
        store_id=store_id,
        user_id=request.user_id,
        email=request.email,
        reason=reason,
        note=request.note,
        shipping_address=request.shipping_address,
        billing_address=request.billing_address,
        history=[HistoryEntry(None, status, actor_of(request), reason, terms.now)],
    )


def actor_of(request: PlacementRequest) -> str:
    """Name who places the order, for history and ledger."""
    return f"user:{request.user_id}" if request.user_id is not None else "guest"
