"""Creating, swapping and removing indexes on the real server."""

import asyncio

import pytest

from tests.factories.product_snapshots import product_snapshot
from tests.integration.search_indexer.conftest import Installation

pytestmark = pytest.mark.servers


async def indexes_of(installation: Installation) -> dict[str, set[str]]:
    """Every index of the installation with its aliases, by their last words."""
    found = await installation.client.indices.get(index=f"{installation.settings.index_prefix}-*")
    reads = installation.indexes.names.reads
    return {
        name: {alias.removeprefix(reads).lstrip("-") or "reads" for alias in details["aliases"]}
        for name, details in found.items()
    }


async def test_of_processes_that_start_at_once_one_creates_the_index(installation: Installation) -> None:
    created = await asyncio.gather(*(installation.indexes.ensure() for _ in range(5)))
    assert created.count(True) == 1
    assert await indexes_of(installation) == {installation.indexes.names.initial: {"reads", "writes"}}
    assert not await installation.indexes.is_seeded()


async def test_a_swap_keeps_one_previous_index(installation: Installation) -> None:
    await installation.hold([product_snapshot(1)])
    first, second = [await installation.indexes.create_building() for _ in range(2)]
    await installation.indexes.swap_to(first)
    assert await installation.indexes.is_seeded()
    await installation.indexes.swap_to(second)
    assert await indexes_of(installation) == {first: {"previous"}, second: {"reads", "writes"}}


async def test_the_leftover_of_a_killed_rebuild_is_removed_and_the_live_index_stays(
    installation: Installation,
) -> None:
    await installation.hold([product_snapshot(1)])
    leftover = await installation.indexes.create_building()
    assert await installation.indexes.remove_leftovers() == [leftover]
    assert await indexes_of(installation) == {installation.indexes.names.initial: {"reads", "writes"}}
    assert await installation.indexes.remove_leftovers() == []
