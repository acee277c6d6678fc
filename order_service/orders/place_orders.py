"""Places a batch of orders in one transaction: claim keys, lock carts and stock, judge, write everything at once.

`place_order` calls it with all orders that wait: orders in, verdicts out, the same few statements whatever their
number. See ADR 0003 and ADR 0017.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.carts.cart import Level
from order_service.catalog.mark_changed import mark_changed
from order_service.database.json_arrays import json_array
from order_service.errors import IdempotencyKeyReused
from order_service.idempotency.claim_keys import StoredOutcome, claim_keys, release_keys, store_outcomes
from order_service.orders.check_out import close_sold, lock_carts
from order_service.orders.choose_stores import choose_stores
from order_service.orders.decide import LockedStock, ProductForSale, Terms, actor_of, customer_of, decide
from order_service.orders.money_columns import line_money_columns, order_money_columns
from order_service.orders.order import Order, event_of
from order_service.orders.placement import Outcome, Placed, PlacementRequest
from order_service.orders.placement_statements import EMAILS, LOCK_STOCK, WRITE_ORDERS
from order_service.outbox.append import outbox_columns, outbox_row
from order_service.pricing.discount_terms import LockedDiscount, normal_code
from order_service.pricing.place import place_named
from order_service.pricing.read_tariff import TariffReader
from order_service.pricing.use_discounts import DiscountUse, lock_discounts, take_uses
from order_service.unit_of_work import UnitOfWork
from schemas.events.order_events import TYPE_OF_STATUS
from schemas.ids import ProductId, StoreId, UserId
from schemas.money import to_minor_units
from schemas.shop_settings import ShopSettings

NO_STORE = StoreId(0)
NO_PRODUCT = ProductId(0)
"""Stand for "none" in the lock statement; ids begin at 1."""


class TryAgain:
    """The verdict on an order whose store was emptied between choosing and locking: another store may serve it."""


Verdict = Outcome | IdempotencyKeyReused | TryAgain


class _Candidate(NamedTuple):
    request: PlacementRequest
    stores: tuple[StoreId | None, ...]  # of each line
    promised: bool  # the choice, read without locks, said that these stores serve every line
    held: Mapping[Level, int] = {}  # what the request's cart holds


async def place_orders(
    unit: UnitOfWork, shop: ShopSettings, requests: Sequence[PlacementRequest], tariffs: TariffReader | None = None
) -> list[Verdict]:
    """Judge and record every order of the batch in the caller's transaction, first come first served.

    Gives one verdict a request, in order. Nothing is recorded for a TryAgain: the caller places it again in a
    transaction of its own. No two requests of a batch may carry the same idempotency key or check out the same cart.
    Blocks for locks up to the lock time-out; raises IdempotencyInProgress when a key is held that long elsewhere.
    `tariffs` is the process's; without it rates and shipping prices are read for this batch.
    """
    stored = await claim_keys(unit.connection, [request.idempotency for request in requests if request.idempotency])
    verdicts = [_replay(request, stored) for request in requests]
    fresh = [request for request, verdict in zip(requests, verdicts, strict=True) if verdict is None]
    if fresh:
        judged = iter(await _place_fresh(unit.connection, shop, tariffs or TariffReader(), fresh))
        verdicts = [next(judged) if verdict is None else verdict for verdict in verdicts]
    return [verdict for verdict in verdicts if verdict is not None]


def _replay(request: PlacementRequest, stored: dict[tuple[str, str], StoredOutcome]) -> Verdict | None:
    key = request.idempotency
    if key is None or key.name not in stored:
        return None
    before = stored[key.name]
    if before.fingerprint != key.fingerprint:
        return IdempotencyKeyReused()
    outcome: Outcome = msgspec.json.decode(before.outcome, type=Outcome)
    return msgspec.structs.replace(outcome, replayed=True)


async def _place_fresh(
    connection: AsyncConnection, shop: ShopSettings, tariffs: TariffReader, requests: Sequence[PlacementRequest]
) -> list[Verdict]:
    candidates = await _with_emails(connection, await _candidates(connection, requests))
    discounts = await _lock_discounts(connection, candidates)
    numbers, tariff_version, stock = await _lock(connection, candidates)
    stock = stock._replace(discounts=discounts)
    before = dict(stock.available)
    tariff = await tariffs.at(connection, tariff_version)
    least = to_minor_units(shop.min_order_amount, shop.currency)
    terms = Terms(shop.currency, least, datetime.now(UTC), tariff, shop.prices_include_tax)
    verdicts: list[Verdict] = []
    for candidate, number in zip(candidates, numbers, strict=True):
        verdict = _judge(candidate, f"A{number}", stock, terms)
        was_emptied = isinstance(verdict, Placed) and verdict.short and candidate.promised
        verdicts.append(TryAgain() if was_emptied else verdict)
    await _write(connection, candidates, verdicts, terms)
    await take_uses(connection, _discount_uses(candidates, verdicts, discounts))
    flipped = {key[1] for key, left in stock.available.items() if (left > 0) != (before[key] > 0)}
    await mark_changed(connection, sorted(flipped), requests[0].request_id)
    return verdicts


def _judge(candidate: _Candidate, number: str, stock: LockedStock, terms: Terms) -> Outcome:
    """Decide with what the candidate's own cart holds as free stock; it stays held unless the order is confirmed."""
    for level, quantity in candidate.held.items():
        stock.available[level] += quantity
    verdict = decide(candidate.request, candidate.stores, number, stock, terms)
    if not _is_confirmed(verdict):
        for level, quantity in candidate.held.items():
            stock.available[level] -= quantity
    return verdict


def _is_confirmed(verdict: Verdict) -> bool:
    return isinstance(verdict, Placed) and verdict.order.status == "CONFIRMED"


async def _candidates(connection: AsyncConnection, requests: Sequence[PlacementRequest]) -> list[_Candidate]:
    carts = await lock_carts(connection, requests)
    choices = await choose_stores(connection, requests)
    return [
        _Candidate(cart.request, (cart.store.store_id,) * len(cart.request.lines), cart.store.promised, cart.held)
        if (cart := carts.get(position))
        else _Candidate(request, choice.stores, choice.promised)
        for position, (request, choice) in enumerate(zip(requests, choices, strict=True))
    ]


async def _with_emails(connection: AsyncConnection, candidates: list[_Candidate]) -> list[_Candidate]:
    """Give each signed-in buyer without another address the account's, which the events carry."""
    wanted = {each.request.user_id for each in candidates if each.request.user_id and not each.request.email}
    if not wanted:
        return candidates
    rows = await connection.execute(EMAILS, {"user_ids": list(wanted)})
    emails: dict[UserId | None, str] = {row.id: row.email for row in rows}
    return [
        each._replace(
            request=msgspec.structs.replace(each.request, email=each.request.email or emails.get(each.request.user_id))
        )
        for each in candidates
    ]


async def _lock_discounts(connection: AsyncConnection, candidates: Sequence[_Candidate]) -> dict[str, LockedDiscount]:
    using = [each.request for each in candidates if each.request.discount_code is not None]
    codes = {normal_code(request.discount_code or "") for request in using}
    return await lock_discounts(connection, codes, {customer_of(request) for request in using})


def _discount_uses(
    candidates: Sequence[_Candidate], verdicts: Sequence[Verdict], discounts: dict[str, LockedDiscount]
) -> list[DiscountUse]:
    return [
        DiscountUse(verdict.order.id, discounts[verdict.order.discount_code].id, customer_of(each.request))
        for each, verdict in zip(candidates, verdicts, strict=True)
        if isinstance(verdict, Placed) and verdict.order.status == "CONFIRMED" and verdict.order.discount_code
    ]


async def _lock(connection: AsyncConnection, candidates: Sequence[_Candidate]) -> tuple[list[int], int, LockedStock]:
    pairs = [
        (store or NO_STORE, line.product_id)
        for each in candidates
        for store, line in zip(each.stores, each.request.lines, strict=True)
    ]
    pairs += [level for each in candidates for level in each.held]
    pairs = pairs or [(NO_STORE, NO_PRODUCT)]
    values = {
        "stores": [store for store, _ in pairs],
        "products": [product for _, product in pairs],
        "orders": len(candidates),
    }
    rows = (await connection.execute(LOCK_STOCK, values)).all()
    products = {
        ProductId(row.product_id): ProductForSale(
            row.product_id, row.sku, row.title, row.price_minor, row.category_path
        )
        for row in rows
        if row.sku is not None
    }
    available = {
        (StoreId(row.store_id), ProductId(row.product_id)): row.available for row in rows if row.available is not None
    }
    places = {StoreId(row.store_id): place_named(row.country, row.region) for row in rows if row.store_is_live}
    return list(rows[0].numbers), rows[0].tariff_version, LockedStock(products, set(places), available, places)


async def _write(
    connection: AsyncConnection, candidates: Sequence[_Candidate], verdicts: Sequence[Verdict], terms: Terms
) -> None:
    placed = [
        (each.request, verdict)
        for each, verdict in zip(candidates, verdicts, strict=True)
        if isinstance(verdict, Placed)
    ]
    sold = [request.cart_id for request, verdict in placed if request.cart_id and _is_confirmed(verdict)]
    await close_sold(connection, sold)
    if placed:
        await connection.execute(WRITE_ORDERS, _columns(placed, terms))
    keyed = [
        (each.request.idempotency, verdict)
        for each, verdict in zip(candidates, verdicts, strict=True)
        if each.request.idempotency
    ]
    outcomes = {
        key.name: msgspec.json.encode(verdict).decode() for key, verdict in keyed if isinstance(verdict, Outcome)
    }
    await store_outcomes(connection, outcomes)
    await release_keys(connection, [key for key, verdict in keyed if isinstance(verdict, TryAgain)])


def _columns(placed: Sequence[tuple[PlacementRequest, Placed]], terms: Terms) -> dict[str, Any]:
    orders = [verdict.order for _, verdict in placed]
    actors = [actor_of(request) for request, _ in placed]
    events = [
        outbox_row("order", str(order.id), TYPE_OF_STATUS[order.status], event_of(order), 1, request.request_id)
        for (request, _), order in zip(placed, orders, strict=True)
    ]
    return {
        "now": terms.now,
        "currency": terms.currency,
        "prices_include_tax": terms.prices_include_tax,
        "cart_ids": [request.cart_id for request, _ in placed],
        "actors": actors,
        **_order_columns(orders),
        **_line_columns(orders, actors),
        **outbox_columns(events),
    }


def _order_columns(orders: Sequence[Order]) -> dict[str, Any]:
    return {
        "order_ids": [order.id for order in orders],
        "numbers": [order.number for order in orders],
        "user_ids": [order.user_id for order in orders],
        "store_ids": [order.store_id for order in orders],
        "statuses": [order.status for order in orders],
        "reasons": [order.reason for order in orders],
        "totals": [order.total_minor for order in orders],
        "emails": [order.email for order in orders],
        "notes": [order.note for order in orders],
        "shipping": json_array([_json(order.shipping_address) for order in orders]),
        "billing": json_array([_json(order.billing_address) for order in orders]),
        **order_money_columns(orders),
    }


def _line_columns(orders: Sequence[Order], actors: Sequence[str]) -> dict[str, Any]:
    lines = [
        (order, number, line, actor)
        for order, actor in zip(orders, actors, strict=True)
        for number, line in enumerate(order.lines, 1)
    ]
    return {
        "line_orders": [order.id for order, _, _, _ in lines],
        "line_numbers": [number for _, number, _, _ in lines],
        "line_products": [line.product_id for _, _, line, _ in lines],
        "line_stores": [line.store_id for _, _, line, _ in lines],
        "line_skus": [line.sku for _, _, line, _ in lines],
        "line_titles": [line.product_title for _, _, line, _ in lines],
        "line_quantities": [line.quantity for _, _, line, _ in lines],
        "line_prices": [line.unit_price_minor for _, _, line, _ in lines],
        "line_sold": [order.status == "CONFIRMED" for order, _, _, _ in lines],
        "line_actors": [actor for _, _, _, actor in lines],
        **line_money_columns([line for _, _, line, _ in lines]),
    }


def _json(value: dict[str, Any] | None) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()
