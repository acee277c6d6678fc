"""When the index is looked at and how long a look is trusted, with a clock and looks of the test's own."""

import asyncio

import pytest

from search_indexer.errors import SearchUnavailable
from search_indexer.query.index_reader import IndexState
from search_indexer.query.index_version import EVERY_S, TRUSTED_S, IndexVersion


class Index:
    """Stands in for the reader and the clock."""

    def __init__(self) -> None:
        self.now, self.looks, self.is_away = 0.0, 0, False

    async def state(self) -> IndexState:
        self.looks += 1
        if self.is_away:
            raise SearchUnavailable
        return IndexState("products", self.looks, None)

    async def told(self, version: IndexVersion) -> IndexState | None:
        """Ask, let the look end, and ask again."""
        version.current()
        await asyncio.sleep(0)
        return version.current()


@pytest.fixture
def index() -> Index:
    return Index()


@pytest.fixture
def version(index: Index) -> IndexVersion:
    return IndexVersion(index, lambda: index.now)  # type: ignore[arg-type]  # `state` is all that is asked


async def test_nothing_is_told_before_the_first_look(index: Index, version: IndexVersion) -> None:
    assert version.current() is None
    assert await index.told(version) == IndexState("products", 1, None)


async def test_it_is_looked_at_ten_times_a_second_however_often_it_is_asked_for(
    index: Index, version: IndexVersion
) -> None:
    assert [await index.told(version) for _ in range(5)] == [IndexState("products", 1, None)] * 5
    index.now = EVERY_S
    assert await index.told(version) == IndexState("products", 2, None)


async def test_an_old_look_is_not_trusted(index: Index, version: IndexVersion) -> None:
    await index.told(version)
    index.now, index.is_away = TRUSTED_S, True
    assert await index.told(version) is None
    await version.close()
