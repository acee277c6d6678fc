"""Verdicts over locked stock: pure, first come first served; called by `place_orders` between its two statements."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

import msgspec
import uuid_utils.compat

from order_service.errors import FieldFault, PriceChange, ShortLine
from order_service.orders.order import HistoryEntry, Order, OrderLine
from order_service.orders.placement import (
    MAX_TOTAL_MINOR,
    SHORT_STOCK,
    LineRequest,
    NothingToSell,
    Outcome,
    Placed,
    PlacementRequest,
    PricesMoved,
    Refused,
)
from order_service.orders.price_order import ItemToPrice, PricedOrder, price_order
from order_service.pricing.discount import DiscountedItem
from order_service.pricing.discount_terms import LockedDiscount, customer_name, normal_code
from order_service.pricing.place import ANYWHERE, Place
from order_service.pricing.tariff import NO_TARIFF, Tariff
from order_service.pricing.totals import Totals
from schemas.ids import CategoryId, OrderId, ProductId, StoreId
from schemas.money import to_amount


class ProductForSale(msgspec.Struct, frozen=True):
    """What a line needs of its product, as read under the locks."""

    id: ProductId
    sku: str
    title: str
    price_minor: int
    category_path: list[CategoryId] = []


class LockedStock(NamedTuple):
    """Everything the verdicts rest on; `available` is run down as orders of the batch are confirmed."""

    products: dict[ProductId, ProductForSale]
    stores: set[StoreId]
    available: dict[tuple[StoreId, ProductId], int]
    places: Mapping[StoreId, Place] = MappingProxyType({})
    discounts: Mapping[str, LockedDiscount] = MappingProxyType({})


class Terms(NamedTuple):
    """The rules of the shop that a verdict applies."""

    currency: str
    min_total_minor: int
    now: datetime
    tariff: Tariff = NO_TARIFF
    prices_include_tax: bool = False


def decide(
    request: PlacementRequest, stores: Sequence[StoreId | None], number: str, stock: LockedStock, terms: Terms
) -> Outcome:
    """Judge one order and take its stock from `stock.available` if it is confirmed.

    `stores` has the store of each line: the request's own or one chosen for it; None where none ever had the product.
    """
    refusal = _refusal(request, stock)
    if refusal:
        return refusal
    lines = [_line(wanted, store, stock) for wanted, store in zip(request.lines, stores, strict=True)]
    discount = _discount(request, lines, stock, terms)
    if isinstance(discount, FieldFault):
        return Refused([discount])
    priced = _priced(request, lines, stock, terms, discount)
    if isinstance(priced, list):
        return Refused(priced)
    lines = priced.lines
    faults = _total_faults(priced.totals, terms)
    if faults:
        return Refused(faults)
    short = short_lines(lines, stock)
    if not short:
        _take(lines, stock)
        if discount is not None:
            discount.take(customer_of(request))
    status = "REJECTED" if short else "CONFIRMED"
    return Placed(_order(request, number, status, priced, terms), short)


def short_lines(lines: Sequence[OrderLine], stock: LockedStock) -> list[ShortLine]:
    """List the lines that their store cannot serve, each with what it has."""
    return [
        ShortLine(line.product_id, line.quantity, has)
        for line in lines
        if (has := 0 if line.store_id is None else stock.available.get((line.store_id, line.product_id), 0))
        < line.quantity
    ]


def _take(lines: Sequence[OrderLine], stock: LockedStock) -> None:
    for line in lines:
        if line.store_id is not None:  # a line without a store is short
            stock.available[line.store_id, line.product_id] -= line.quantity


def _refusal(request: PlacementRequest, stock: LockedStock) -> Outcome | None:
    """Say why there is nothing to reckon with, None when there is."""
    if not request.lines:
        return NothingToSell()
    faults = _faults(request, stock)
    if faults:
        return Refused(faults)
    changes = [] if request.accept_price_changes else _price_changes(request, stock)
    return PricesMoved(changes) if changes else None


def _faults(request: PlacementRequest, stock: LockedStock) -> list[FieldFault]:
    faults = [
        FieldFault(f"items[{position}].product_id", "is not a product on sale")
        for position, line in enumerate(request.lines)
        if line.product_id not in stock.products
    ]
    if request.store_id is not None and request.store_id not in stock.stores:
        faults.append(FieldFault("store_id", "is not a store"))
    return faults


def _discount(
    request: PlacementRequest, lines: Sequence[OrderLine], stock: LockedStock, terms: Terms
) -> LockedDiscount | FieldFault | None:
    if request.discount_code is None:
        return None
    found = stock.discounts.get(normal_code(request.discount_code))
    if found is None:
        return FieldFault("discount_code", "is not a discount code")
    items = [DiscountedItem(line.product_id, line.line_total_minor) for line in lines]
    refusal = found.refusal(customer_of(request), items, terms.now, terms.currency)
    return FieldFault("discount_code", refusal) if refusal else found


def _priced(
    request: PlacementRequest,
    lines: Sequence[OrderLine],
    stock: LockedStock,
    terms: Terms,
    discount: LockedDiscount | None,
) -> PricedOrder | list[FieldFault]:
    items = [
        ItemToPrice(line, stock.products[line.product_id].category_path, _place_of(line.store_id, stock))
        for line in lines
    ]
    off = None if discount is None else discount.discount
    return price_order(request, items, terms.tariff, off, prices_include_tax=terms.prices_include_tax)


def _place_of(store_id: StoreId | None, stock: LockedStock) -> Place:
    return ANYWHERE if store_id is None else stock.places.get(store_id, ANYWHERE)


def _price_changes(request: PlacementRequest, stock: LockedStock) -> list[PriceChange]:
    return [
        PriceChange(line.product_id, line.seen_price_minor, price)
        for line in request.lines
        if line.seen_price_minor is not None
        and line.seen_price_minor != (price := stock.products[line.product_id].price_minor)
    ]


def _total_faults(totals: Totals, terms: Terms) -> list[FieldFault]:
    if totals.total_minor > MAX_TOTAL_MINOR:
        return [FieldFault("items", "come to more than an order may")]
    if totals.after_discount_minor < terms.min_total_minor:
        least = to_amount(terms.min_total_minor, terms.currency)
        return [FieldFault("items", f"come to less than the least order of {least} {terms.currency}")]
    return []


def _line(wanted: LineRequest, store_id: StoreId | None, stock: LockedStock) -> OrderLine:
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


def _order(request: PlacementRequest, number: str, status: str, priced: PricedOrder, terms: Terms) -> Order:
    stores = {line.store_id for line in priced.lines}
    reason = SHORT_STOCK if status == "REJECTED" else ""
    return Order(
        id=OrderId(uuid_utils.compat.uuid7()),
        number=number,
        status=status,
        currency=terms.currency,
        total_minor=priced.totals.total_minor,
        created_at=terms.now,
        lines=priced.lines,
        store_id=stores.pop() if len(stores) == 1 else None,
        user_id=request.user_id,
        email=request.email,
        reason=reason,
        note=request.note,
        shipping_address=request.shipping_address,
        billing_address=request.billing_address,
        history=[HistoryEntry(None, status, actor_of(request), reason, terms.now)],
        totals=priced.totals,
        shipping_method=request.shipping_method,
        discount_code=None if request.discount_code is None else normal_code(request.discount_code),
    )


def actor_of(request: PlacementRequest) -> str:
    """Name who places the order, for history and ledger."""
    return f"user:{request.user_id}" if request.user_id is not None else "guest"


def customer_of(request: PlacementRequest) -> str:
    """Name whose use of a discount code it is."""
    return customer_name(request.user_id, request.email)
