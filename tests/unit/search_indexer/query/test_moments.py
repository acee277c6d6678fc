import asyncio
from typing import Any, cast

import pytest
from elasticsearch import AsyncElasticsearch
from elasticsearch import ConnectionError as Away

from search_indexer.query.deep_paging import Moments


class Server:
    """Opens points in time, or refuses to while it is away."""

    def __init__(self) -> None:
        self.opened = 0
        self.is_away = False

    async def open_point_in_time(self, **_: Any) -> dict[str, str]:
        await asyncio.sleep(0)
        if self.is_away:
            raise Away("away")
        self.opened += 1
        return {"id": f"pit {self.opened}"}


def moments(server: Server) -> Moments:
    return Moments(cast("AsyncElasticsearch", server), "products")


async def test_searches_at_once_share_the_point_in_time_that_was_opened_ahead() -> None:
    server = Server()
    shared = moments(server)
    shared.open_ahead()
    assert {await shared.latest() for _ in range(3)} == {"pit 1"}
    assert server.opened == 1


async def test_a_failure_is_told_to_who_asks_for_it_and_the_next_search_tries_again() -> None:
    server = Server()
    server.is_away = True
    shared = moments(server)
    shared.open_ahead()
    with pytest.raises(Away):
        await shared.latest()
    server.is_away = False
    assert await shared.latest() == "pit 1"


async def test_what_is_being_opened_is_given_up_at_the_end() -> None:
    server = Server()
    shared = moments(server)
    opening = shared.open_ahead()
    await shared.close()
    assert opening.cancelled()
    await moments(server).close()
