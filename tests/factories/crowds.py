"""Crowds of buyers, each in a process of its own with its own placements; for tests of what many do at once."""

import asyncio
import multiprocessing
import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

import msgspec

from order_service.database.engine import open_database
from order_service.errors import Unavailable
from order_service.orders.place_order import OrderPlacements
from order_service.orders.placement import LineRequest, PlacementRequest
from schemas.ids import ProductId, StoreId
from schemas.settings import DatabaseSettings
from schemas.shop_settings import ShopSettings

Wanted = TypeVar("Wanted")
Seen = TypeVar("Seen")

CALLERS = 128
"""Buyers of one process who wait for an answer at the same time."""


class Crowd(msgspec.Struct, frozen=True):
    """So many orders of one process, each for one piece of `lines` of the products, drawn in any order of them."""

    url: str
    store_id: StoreId
    products: tuple[ProductId, ...]
    orders: int
    lines: int
    seed: int


def order_all(crowd: Crowd) -> Counter[str]:
    """Place every order and count the answers: the order's status, or what was raised; returns when all are answered.

    Whoever is told to come back later comes back, and is counted as `come back` too.
    """
    return asyncio.run(_order_all(crowd))


async def in_processes(work: Callable[[Wanted], Seen], wanted: Sequence[Wanted]) -> list[Seen]:
    """Do each in a fresh process, all at the same time, and give what they saw; the event loop stays free."""
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(len(wanted), multiprocessing.get_context("spawn")) as pool:
        return list(await asyncio.gather(*(loop.run_in_executor(pool, work, each) for each in wanted)))


async def _order_all(crowd: Crowd) -> Counter[str]:
    database = open_database(DatabaseSettings(url=crowd.url))
    placements = OrderPlacements(database, ShopSettings())
    answers: Counter[str] = Counter()
    draw = random.Random(crowd.seed)  # noqa: S311 - a test's dice, the same each time
    left = iter(range(crowd.orders))

    async def buy_until_all_have() -> None:
        for _ in left:
            products = draw.sample(crowd.products, crowd.lines)
            request = PlacementRequest(tuple(LineRequest(each, 1) for each in products), store_id=crowd.store_id)
            answers[await _answer(placements, request, answers)] += 1

    try:
        await asyncio.gather(*(buy_until_all_have() for _ in range(CALLERS)))
    finally:
        await placements.close()
        await database.close()
    return answers


async def _answer(placements: OrderPlacements, request: PlacementRequest, answers: Counter[str]) -> str:
    while True:
        try:
            return (await placements.place(request)).order.status
        except Unavailable as busy:
            answers[f"come back: {busy.__cause__!r}"[:300] if busy.__cause__ else "come back"] += 1
            await asyncio.sleep(busy.retry_after)
        except Exception as error:  # noqa: BLE001 - whatever reaches a client is what the test asks
            return repr(error)
