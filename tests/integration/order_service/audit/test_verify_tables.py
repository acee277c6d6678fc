"""Every invariant is seen to hold after real orders, and to be broken when somebody writes past the use cases."""

import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from order_service.audit.invariants import INVARIANTS
from order_service.audit.verify_tables import verify_tables
from order_service.database.engine import Database
from order_service.idempotency.claim_keys import IdempotencyKey
from order_service.orders.move_order import Move, Mover, move_order
from order_service.orders.placement import LineRequest, Placed, PlacementRequest
from order_service.pricing.discount_codes import NewDiscountCode, create_discount_code
from schemas.ids import UserId
from schemas.shop_settings import ShopSettings
from tests.factories.carts import guest, id_of, put
from tests.factories.catalogue import STAFF as STAFF_ACTOR
from tests.factories.catalogue import a_product, a_store
from tests.factories.placements import place_order

pytestmark = pytest.mark.servers

STAFF = Mover(UserId(1), is_staff=True)


@pytest.fixture
async def sold(database: Database) -> Placed:
    """An order of two pieces of a product with five, placed under a key."""
    store = await a_store(database)
    product = await a_product(database, {store.id: 5})
    key = IdempotencyKey("test", uuid.uuid4().hex, b"body")
    lines = (LineRequest(product.id, 2),)
    return await place_order(database, ShopSettings(), PlacementRequest(lines, store_id=store.id, idempotency=key))


@pytest.fixture
async def tampered(database: Database) -> AsyncIterator[Any]:
    """Write past the use cases, and take it back at the end of the test."""
    undone: list[tuple[str, dict[str, Any]]] = []

    async def run(statement: str, **values: Any) -> None:
        async with database.writes.begin() as connection:
            await connection.execute(text("SET LOCAL session_replication_role = replica"))  # no triggers, no keys
            await connection.execute(text(statement), values)

    async def tamper(change: str, undo: str, **values: Any) -> None:
        undone.append((undo, values))
        await run(change, **values)

    yield tamper
    for statement, values in reversed(undone):
        await run(statement, **values)


async def broken_rules(database: Database, needle: str) -> set[str]:
    """Give the rules that rows naming the needle break."""
    return {
        each.invariant.rule for each in await verify_tables(database) if needle in json.dumps(each.row, default=str)
    }


def rule(start: str) -> str:
    """Give the one rule that begins so."""
    [found] = {each.rule for each in INVARIANTS if each.rule.startswith(start)}
    return found


async def test_orders_placed_and_cancelled_break_nothing(database: Database, sold: Placed) -> None:
    order_id = sold.order.id
    await move_order(database, order_id, Move("CANCELLED"), STAFF, payment_required=False)
    assert await broken_rules(database, str(order_id)) == set()
    product = f'"product_id": {sold.order.lines[0].product_id},'
    assert await broken_rules(database, product) == set()


async def test_a_counter_that_somebody_changed_is_told_with_its_level(
    database: Database, sold: Placed, tampered: Any
) -> None:
    product = sold.order.lines[0].product_id
    await tampered(
        "UPDATE stock_levels SET sold = sold + 1, on_hand = on_hand - 1 WHERE product_id = :p",
        "UPDATE stock_levels SET sold = sold - 1, on_hand = on_hand + 1 WHERE product_id = :p",
        p=product,
    )
    assert await broken_rules(database, f'"product_id": {product},') == {rule("each counter")}


@pytest.mark.parametrize(
    ("change", "undo", "expected"),
    [
        (
            "UPDATE order_lines SET quantity = 3, line_total_minor = 7500 WHERE order_id = :o",
            "UPDATE order_lines SET quantity = 2, line_total_minor = 5000 WHERE order_id = :o",
            {"what the ledger says was", "an order comes to"},
        ),
        (
            "UPDATE orders SET status = 'REJECTED' WHERE id = :o",
            "UPDATE orders SET status = 'CONFIRMED' WHERE id = :o",
            {"what the ledger says was", "a REJECTED order", "an order is where"},
        ),
        (
            "UPDATE outbox SET sequence = 2 WHERE aggregateid = CAST(:o AS text)",
            "UPDATE outbox SET sequence = 1 WHERE aggregateid = CAST(:o AS text)",
            {"each order's events"},
        ),
        (
            "UPDATE outbox SET aggregatetype = 'lost' WHERE aggregateid = CAST(:o AS text)",
            "UPDATE outbox SET aggregatetype = 'order' WHERE aggregateid = CAST(:o AS text)",
            {"every order has an event"},
        ),
        (
            """INSERT INTO idempotency_keys (scope, key, fingerprint, outcome, expires_at) SELECT 'twice', 'k', 'x',
            outcome, now() FROM idempotency_keys WHERE outcome->'order'->>'id' = CAST(CAST(:o AS uuid) AS text)""",
            "DELETE FROM idempotency_keys WHERE scope = 'twice' AND CAST(:o AS uuid) IS NOT NULL",
            {"no two keys"},
        ),
        (
            """INSERT INTO stock_movements (store_id, product_id, kind, quantity, order_id, actor)
            SELECT store_id, product_id, 'returned', 3, order_id, 'nobody' FROM order_lines WHERE order_id = :o""",
            "DELETE FROM stock_movements WHERE order_id = :o AND actor = 'nobody'",
            {"no order gets back", "what the ledger says came"},
        ),
        (
            """INSERT INTO stock_movements (store_id, product_id, kind, quantity, order_id, actor)
            SELECT store_id, product_id, 'returned', 1, order_id, 'nobody' FROM order_lines WHERE order_id = :o""",
            "DELETE FROM stock_movements WHERE order_id = :o AND actor = 'nobody'",
            {"what the ledger says came"},
        ),
        (
            "UPDATE orders SET tax_minor = 1, total_minor = 5001 WHERE id = :o",
            "UPDATE orders SET tax_minor = 0, total_minor = 5000 WHERE id = :o",
            {"an order comes to"},
        ),
        (
            "UPDATE orders SET status = 'PAID' WHERE id = :o",
            "UPDATE orders SET status = 'CONFIRMED' WHERE id = :o",
            {"captured − refunded", "an order is where"},
        ),
        (
            """INSERT INTO payments (id, order_id, provider, status, amount_minor, currency, captures, captured_minor,
            refunded_minor, actor) SELECT uuidv7(), id, 'manual', 'CAPTURED', 5000, 'USD', true, 5000, 1, 'nobody'
            FROM orders WHERE id = :o""",
            "DELETE FROM payments WHERE order_id = :o",
            {"what is held back of a payment"},
        ),
        (
            "UPDATE order_lines SET returned = 1 WHERE order_id = :o",
            "UPDATE order_lines SET returned = 0 WHERE order_id = :o",
            {"no line takes back"},
        ),
    ],
)
async def test_what_somebody_wrote_past_the_use_cases_is_told_with_its_order(  # noqa: PLR0913, PLR0917 - three fixtures, three columns of the table
    database: Database, sold: Placed, tampered: Any, change: str, undo: str, expected: set[str]
) -> None:
    await tampered(change, undo, o=sold.order.id)
    assert await broken_rules(database, str(sold.order.id)) == {rule(start) for start in expected}


@pytest.mark.parametrize(
    ("change", "undo", "expected"),
    [
        (
            "UPDATE reservations SET quantity = 1 WHERE cart_id = :c",
            "UPDATE reservations SET quantity = 2 WHERE cart_id = :c",
            {"a reservation holds"},
        ),
        (
            "UPDATE reservations SET expires_at = expires_at - interval '1 day' WHERE cart_id = :c",
            "UPDATE reservations SET expires_at = expires_at + interval '1 day' WHERE cart_id = :c",
            {"no reservation outlives"},
        ),
        (
            "UPDATE carts SET status = 'CHECKED_OUT', closed_at = now() WHERE id = :c",
            "UPDATE carts SET status = 'OPEN', closed_at = NULL WHERE id = :c",
            {"a reservation holds", "a cart was checked out"},
        ),
    ],
)
async def test_what_somebody_wrote_past_the_carts_is_told_with_its_cart(
    database: Database, tampered: Any, change: str, undo: str, expected: set[str]
) -> None:
    store = await a_store(database)
    product = await a_product(database, {store.id: 5})
    cart = id_of(await put(database, guest(), product.id, 2))
    assert await broken_rules(database, str(cart)) == set()
    await tampered(change, undo, c=cart)
    assert await broken_rules(database, str(cart)) == {rule(start) for start in expected}


async def test_a_level_with_more_reserved_than_carts_hold_is_told(database: Database, tampered: Any) -> None:
    product = await a_product(database, {(await a_store(database)).id: 5})
    await tampered(
        "UPDATE stock_levels SET reserved = 1 WHERE product_id = :p",
        "UPDATE stock_levels SET reserved = 0 WHERE product_id = :p",
        p=product.id,
    )
    assert await broken_rules(database, f'"product_id": {product.id},') == {rule("what is reserved")}


async def test_a_key_whose_order_is_gone_is_told(database: Database, tampered: Any) -> None:
    gone = str(uuid.uuid4())
    await tampered(
        "INSERT INTO idempotency_keys (scope, key, fingerprint, outcome, expires_at) VALUES ('gone', :g, 'x', "
        "jsonb_build_object('type', 'placed', 'order', jsonb_build_object('id', CAST(:g AS text))), now())",
        "DELETE FROM idempotency_keys WHERE scope = 'gone' AND key = :g",
        g=gone,
    )
    assert await broken_rules(database, gone) == {rule("every order that an idempotency key")}


async def test_a_discount_code_whose_counter_somebody_changed_is_told(database: Database, tampered: Any) -> None:
    code = uuid.uuid4().hex.upper()
    await create_discount_code(database, NewDiscountCode(code=code, ppm=1, max_uses=9), STAFF_ACTOR)
    await tampered(
        "UPDATE discount_codes SET uses = 1 WHERE code = :c",
        "UPDATE discount_codes SET uses = 0 WHERE code = :c",
        c=code,
    )
    assert await broken_rules(database, code) == {rule("a discount code")}
