"""`aisle verify` and `aisle stock rebuild` as an operator sees them."""

import asyncio
from collections.abc import Callable, Mapping

import psycopg
import pytest
from click.testing import Result

from order_service.database.engine import open_database
from order_service.orders.placement import LineRequest, PlacementRequest
from schemas.settings import DatabaseSettings
from schemas.shop_settings import ShopSettings
from tests.factories.catalogue import a_product, a_store
from tests.factories.placements import place_order

pytestmark = pytest.mark.servers


async def _sell(url: str) -> int:
    database = open_database(DatabaseSettings(url=url))
    try:
        store = await a_store(database)
        product = await a_product(database, {store.id: 5})
        await place_order(database, ShopSettings(), PlacementRequest((LineRequest(product.id, 2),), store.id))
        return product.id
    finally:
        await database.close()


def test_a_sound_shop_passes_and_a_spoilt_level_is_named_checked_and_made_anew(
    run: Callable[..., Result], empty_shop: Mapping[str, str]
) -> None:
    run("migrate")
    product = asyncio.run(_sell(empty_shop["DATABASE_URL"]))
    sound = run("verify", "--tables-only")
    assert (sound.exit_code, sound.output) == (0, "every invariant holds\n")
    with psycopg.connect(empty_shop["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("UPDATE stock_levels SET on_hand = on_hand + 4, received = received + 4")
    spoilt = run("verify", "--tables-only")
    assert spoilt.exit_code == 1
    assert "invariant 1: each counter of a stock level equals the sum of its rows in the ledger: " in spoilt.output
    assert f"store_id 1, product_id {product}," in spoilt.output
    checked = run("stock", "rebuild", "--check")
    assert checked.exit_code == 1
    assert f"store 1, product {product}: 7 on hand, the ledger says 3; 0 reserved, carts hold 0" in checked.output
    assert run("stock", "rebuild").exit_code == 0
    assert run("verify", "--tables-only").exit_code == 0
