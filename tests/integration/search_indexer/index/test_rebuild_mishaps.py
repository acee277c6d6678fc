"""Whatever happens to a rebuild: killed anywhere, written to all the while, with a broken mapping, rolled back."""

import asyncio
import os
import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from order_service.catalog.write_product import ProductChanges, change_product
from order_service.database.engine import Database
from schemas.ids import ProductId
from schemas.settings import KafkaSettings
from search_indexer.index.audit import Audit, audit_index
from search_indexer.index.gate import GateRefused
from search_indexer.index.mapping import ANALYZERS, PROPERTIES
from search_indexer.index.reindex import Rebuild, reindex, reindex_if_missing
from search_indexer.index.repair import Target
from search_indexer.query.requests import SearchRequest
from search_indexer.query.synonyms import SynonymSet
from search_indexer.relevance.merchandising import save_synonyms
from search_indexer.storage.search_log import LoggedSearch, insert_log
from tests.factories.processes import AISLE, run_aisle
from tests.integration.search_indexer.conftest import Installation
from tests.integration.search_indexer.index.conftest import STAFF, Writing

pytestmark = pytest.mark.servers

KILLS = 10 if os.environ.get("AISLE_FULL") else 4


@pytest.fixture
def rebuild(healthy: Installation, database: Database, kafka: KafkaSettings) -> Rebuild:
    return Rebuild(healthy.client, database, healthy.settings, kafka, "USD")


@pytest.fixture
def audit(healthy: Installation, database: Database) -> Audit:
    return Audit(Target(healthy.client, healthy.indexes.names.reads), database, "USD")


async def live_index(installation: Installation) -> str:
    [name] = await installation.client.indices.get(index=installation.indexes.names.reads)
    return str(name)


async def all_indexes(installation: Installation) -> set[str]:
    return set(await installation.client.indices.get(index=f"{installation.settings.index_prefix}-*"))


async def start_reindex(environment: Mapping[str, str]) -> asyncio.subprocess.Process:
    silent = asyncio.subprocess.DEVNULL
    return await asyncio.create_subprocess_exec(
        str(AISLE), "reindex", env={**os.environ, **environment}, stdout=silent, stderr=silent
    )


async def test_killed_anywhere_it_leaves_a_whole_live_index_and_the_next_run_succeeds(
    healthy: Installation, kafka: KafkaSettings, own_environment: Mapping[str, str], audit: Audit
) -> None:
    assert kafka.topic_prefix
    at = asyncio.get_running_loop().time
    started, process = at(), await start_reindex(own_environment)
    assert await process.wait() == 0
    takes = at() - started
    whole = (await healthy.reader.search(SearchRequest())).count
    chosen = random.Random()  # noqa: S311 - another place in every run
    for _ in range(KILLS):
        before, process = await live_index(healthy), await start_reindex(own_environment)
        try:
            await asyncio.wait_for(process.wait(), chosen.uniform(0.2, 1.0) * takes)
        except TimeoutError:
            process.kill()
            await process.wait()
            swapped = await live_index(healthy) != before
            building = await healthy.client.indices.exists_alias(name=healthy.indexes.names.building)
            assert not (swapped and building)
        assert (await healthy.reader.search(SearchRequest())).count == whole
        assert (await audit_index(audit, repair=False)).left.total() == 0
    assert "products indexed in" in await asyncio.to_thread(run_aisle, own_environment, "reindex")
    assert await all_indexes(healthy) == {await live_index(healthy), *await healthy.indexes.previous()}
    assert len(await healthy.indexes.previous()) == 1
    assert (await audit_index(audit, repair=False)).left.total() == 0


async def test_rebuilt_under_writes_no_change_is_lost_and_none_is_stale(
    rebuild: Rebuild, healthy: Installation, written_to: Writing, audit: Audit
) -> None:
    before = len(written_to.changed)
    name = await reindex(rebuild)
    assert len(written_to.changed) > before
    written_to.done.set()
    done = await audit_index(replace(audit, patience_s=20.0), repair=False)
    assert (done.left.total(), done.examples) == (0, [])
    assert await live_index(healthy) == name


@pytest.mark.parametrize(
    "fault",
    [
        (ANALYZERS, "stemmed", {"tokenizer": "keyword", "filter": []}),
        (ANALYZERS, "stemmed_query", {"tokenizer": "standard", "filter": ["stop"]}),
        (PROPERTIES, "title", {"type": "keyword", "index": False}),
        (PROPERTIES, "brand", {"type": "text"}),
    ],
)
async def test_a_mapping_that_answers_worse_is_refused_and_force_overrides(
    rebuild: Rebuild, healthy: Installation, monkeypatch: pytest.MonkeyPatch, fault: tuple[dict[str, Any], str, Any]
) -> None:
    live = await reindex(rebuild)
    monkeypatch.setitem(*fault)
    with pytest.raises(GateRefused, match="--force"):
        await reindex(rebuild)
    assert await live_index(healthy) == live
    rebuild.force = True
    assert await reindex(rebuild) == await live_index(healthy) != live


async def test_judged_queries_that_lose_are_refused_where_the_canaries_sing_on(
    rebuild: Rebuild, database: Database, product_ids: Sequence[ProductId], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = f"zanzibar{uuid.uuid4().hex[:8]} lantern"
    told = await change_product(database, product_ids[4], ProductChanges(description=f"A fine {words} indeed"), STAFF)
    rebuild.judgments = {words: {told.sku: 3}}
    await reindex(rebuild)
    monkeypatch.setitem(PROPERTIES, "description", {"type": "keyword", "index": False})
    with pytest.raises(GateRefused, match=r"judged queries: 0\.000, expected at least 0\.950"):
        await reindex(rebuild)
    rebuild.judgments = {}
    await reindex(rebuild)


async def test_logged_queries_that_no_longer_match_are_refused(
    rebuild: Rebuild, database: Database, product_ids: Sequence[ProductId], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = f"timbuktu{uuid.uuid4().hex[:8]}"
    await change_product(database, product_ids[5], ProductChanges(description=f"A fine {words} indeed"), STAFF)
    await insert_log(database, [searched_for(words)], [])
    await reindex(rebuild)
    monkeypatch.setitem(PROPERTIES, "description", {"type": "keyword", "index": False})
    with pytest.raises(GateRefused, match="logged queries"):
        await reindex(rebuild)


async def test_synonyms_in_effect_that_ruin_what_is_searched_for_are_refused_and_force_overrides(
    rebuild: Rebuild, healthy: Installation, database: Database
) -> None:
    live, words = await reindex(rebuild), [f"product {number}" for number in range(700, 712)]
    typed = ["audited", "audited product", "audited products"]
    await insert_log(database, [searched_for(text) for text in typed for _ in range(60)], [])
    ruinous = [SynonymSet(words=words, typed=each) for each in typed]
    saved = await save_synonyms(database, 0, ruinous, "test")
    with pytest.raises(GateRefused, match=r"synonyms in effect: 3 of the .* most frequent queries would lose"):
        await reindex(rebuild)
    assert await live_index(healthy) == live
    rebuild.force = True
    assert await reindex(rebuild) == await live_index(healthy) != live
    rebuild.force = False
    await save_synonyms(database, saved.version, [], "test")
    await reindex(rebuild)


def searched_for(words: str) -> LoggedSearch:
    return LoggedSearch(
        query_id=uuid.uuid4(),
        query=words,
        first_page=True,
        results=1,
        answered_by="all_words",
        degraded=False,
        filters="{}",
        searched_at=datetime.now(UTC),
    )


async def test_a_rollback_brings_back_the_index_before_with_what_changed_since(
    rebuild: Rebuild,
    healthy: Installation,
    database: Database,
    own_environment: Mapping[str, str],
    product_ids: Sequence[ProductId],
) -> None:
    first, second = await reindex(rebuild), await reindex(rebuild)
    changed = await change_product(database, product_ids[3], ProductChanges(title=f"New {uuid.uuid4().hex}"), STAFF)
    assert f"{first} is live" in await asyncio.to_thread(run_aisle, own_environment, "index", "rollback")
    assert (await live_index(healthy), await healthy.indexes.previous()) == (first, [second])
    assert await healthy.reader.wait_until_visible({changed.id: changed.version}, 0)


async def test_as_many_earlier_indexes_stay_as_are_to_be_kept(rebuild: Rebuild, healthy: Installation) -> None:
    rebuild.keep = 2
    names = [await reindex(rebuild) for _ in range(3)]
    assert await healthy.indexes.previous() == [names[1], names[0]]
    rebuild.keep = 0
    last = await reindex(rebuild)
    assert await all_indexes(healthy) == {last}


async def test_a_rebuild_killed_right_after_the_swap_is_finished_by_the_next_run_of_any_kind(
    rebuild: Rebuild, healthy: Installation
) -> None:
    live = await reindex(rebuild)
    assert await healthy.indexes.noted_replay() is None
    await healthy.indexes.note_replay(live, {0: 0})
    assert await healthy.indexes.noted_replay() == (live, {0: 0})
    assert await reindex_if_missing(rebuild) is None
    assert await healthy.indexes.noted_replay() is None
