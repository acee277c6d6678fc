"""Invoice numbers on real Postgres: one an order, none left out."""

import asyncio

import pytest

from order_service.database.engine import Database
from order_service.errors import Conflict
from order_service.orders.invoices.issue_invoice import issue_invoice
from order_service.orders.move_order import Move, Mover, move_order
from order_service.orders.order import Order
from order_service.orders.placement import LineRequest, PlacementRequest
from order_service.orders.read_orders import read_order
from schemas.ids import UserId
from schemas.shop_settings import ShopSettings
from tests.factories.catalogue import a_product, a_store
from tests.factories.ledger import rows
from tests.factories.placements import place_order

pytestmark = pytest.mark.servers


async def ordered(database: Database, quantity: int = 1) -> Order:
    """Place an order for a product of which there are five."""
    store = await a_store(database)
    product = await a_product(database, {store.id: 5})
    request = PlacementRequest((LineRequest(product.id, quantity),), store_id=store.id)
    return (await place_order(database, ShopSettings(), request)).order


async def test_an_order_keeps_the_number_it_got_first_however_many_ask_at_once(database: Database) -> None:
    order = await ordered(database)
    issued = await asyncio.gather(*(issue_invoice(database, order) for _ in range(20)))
    assert len(set(issued)) == 1
    assert await issue_invoice(database, order) == issued[0]


async def test_numbers_of_many_orders_have_no_gap(database: Database) -> None:
    orders = [await ordered(database) for _ in range(8)]
    await asyncio.gather(*(issue_invoice(database, each) for each in orders))
    [[count, highest]] = await rows(database, "SELECT count(*), max(number) FROM invoices")
    assert count == highest


async def test_an_order_that_sold_nothing_has_none(database: Database) -> None:
    with pytest.raises(Conflict, match="REJECTED"):
        await issue_invoice(database, await ordered(database, quantity=6))


async def test_an_order_cancelled_after_its_invoice_keeps_it_and_one_cancelled_before_gets_none(
    database: Database,
) -> None:
    invoiced, other = await ordered(database), await ordered(database)
    issued = await issue_invoice(database, invoiced)
    staff = Mover(UserId(1), is_staff=True)
    for each in (invoiced, other):
        await move_order(database, each.id, Move("CANCELLED"), staff, payment_required=False)
    assert await issue_invoice(database, invoiced) == issued
    with pytest.raises(Conflict, match="CANCELLED"):
        await issue_invoice(database, await read_order(database, other.id))
