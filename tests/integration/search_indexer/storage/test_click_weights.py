import uuid
from datetime import UTC, datetime, timedelta

import pytest

from order_service.database.engine import Database
from search_indexer.storage.click_weights import read_click_weights
from search_indexer.storage.search_log import LoggedClick, LoggedSearch, insert_log

pytestmark = pytest.mark.servers


def searched(at: datetime, searcher: bytes | None) -> LoggedSearch:
    return LoggedSearch(
        query_id=uuid.uuid4(), query="lamp", first_page=True, results=3, answered_by="all_words", degraded=False,
        filters="{}", searched_at=at, searcher=searcher,
    )  # fmt: skip


def clicked(search: LoggedSearch, product_id: int) -> LoggedClick:
    return LoggedClick(query_id=search.query_id, product_id=product_id, position=1, clicked_at=search.searched_at)


async def test_a_searcher_counts_once_a_day_and_a_click_without_a_search_never(database: Database) -> None:
    product = uuid.uuid4().int % 10**12
    now = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    persistent = [searched(now, b"same") for _ in range(20)]
    others = [searched(now, b"other"), searched(now, None), searched(now, None)]
    unknown = searched(now, b"not logged")
    clicks = [clicked(search, product) for search in [*persistent, *others, unknown]]
    await insert_log(database, [*persistent, *others], clicks)
    weights = await read_click_weights(database, 180, 30.0)
    assert 2.9 < weights[product] <= 3


async def test_a_click_weighs_half_after_a_half_life(database: Database) -> None:
    product = uuid.uuid4().int % 10**12
    search = searched(datetime.now(UTC) - timedelta(days=30), b"one")
    await insert_log(database, [search], [clicked(search, product)])
    assert 0.48 < (await read_click_weights(database, 180, 30.0))[product] <= 0.5
    assert product not in await read_click_weights(database, 20, 30.0)
