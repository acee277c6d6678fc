"""Creates, swaps and removes the products' indexes; called by the consumer at its start and by the rebuild.

What an index is for stands in its aliases (search_indexer.index_names), and aliases change atomically, so a process
killed between two calls leaves a state that the next one can read.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from elasticsearch import AsyncElasticsearch, BadRequestError

from schemas.search_settings import SearchSettings
from search_indexer.index.mapping import index_mapping, index_settings, serving_settings
from search_indexer.index_names import IndexNames

ALREADY_THERE = "resource_already_exists_exception"
REPLAY_FROM = "replay_from"


class ProductIndexes:
    """The indexes of one installation; methods raise the Elasticsearch client's own errors."""

    def __init__(self, client: AsyncElasticsearch, settings: SearchSettings) -> None:
        self._client = client
        self.settings = settings
        self.names = IndexNames(settings.index_prefix)

    async def ensure(self) -> bool:
        """Create an empty index with both aliases where there is none and say whether this call did.

        The aliases are part of the creation and the name is fixed, so of two processes one creates and the other
        finds it done.
        """
        if await self._client.indices.exists_alias(name=self.names.writes):
            return False
        try:
            await self._client.indices.create(
                index=self.names.initial,
                settings=index_settings(self.settings, loading=False),
                mappings=index_mapping(seeded=False),
                aliases={self.names.reads: {}, self.names.writes: {"is_write_index": True}},
            )
        except BadRequestError as error:
            if error.error != ALREADY_THERE:
                raise
            return False
        return True

    async def is_seeded(self) -> bool:
        """Whether the live index was filled from Postgres once; one that a consumer made empty was not."""
        live = await self._aliased(self.names.reads)
        mappings = [found["mappings"] for found in live.values()]
        return bool(mappings) and all(mapping.get("_meta", {}).get("seeded") for mapping in mappings)

    async def is_current(self) -> bool:
        """Whether the live index was filled from Postgres and has this release's mapping and vectors."""
        wanted = index_mapping(seeded=True)["_meta"]
        live = await self._aliased(self.names.reads)
        metas = [found["mappings"].get("_meta", {}) for found in live.values()]
        return bool(metas) and all({name: meta.get(name) for name in wanted} == wanted for meta in metas)

    async def create_building(self) -> str:
        """Create the next index, with refreshes off, and give its name."""
        name = self.names.new(datetime.now(UTC), uuid4())
        await self._client.indices.create(
            index=name,
            settings=index_settings(self.settings, loading=True),
            mappings=index_mapping(seeded=True),
            aliases={self.names.building: {}},
        )
        return name

    async def remove_leftovers(self) -> list[str]:
        """Delete what a killed rebuild left; the caller must hold the rebuild lock."""
        leftovers = list(await self._aliased(self.names.building))
        for name in leftovers:
            await self._client.indices.delete(index=name, ignore_unavailable=True)
        return leftovers

    async def make_serviceable(self, name: str) -> None:
        """Restore refreshes and replicas and make everything in the index searchable."""
        await self._client.indices.put_settings(index=name, settings=serving_settings(self.settings))
        await self._client.indices.refresh(index=name)

    async def count_live(self, name: str) -> int:
        """Count the products in the index that are not deleted, as of the last refresh."""
        await self._client.indices.refresh(index=name)
        counted = await self._client.count(index=name, query={"term": {"deleted": False}})
        return int(counted["count"])

    async def swap_to(self, name: str, keep: int = 1) -> None:
        """Make the index live in one step; what was live becomes a previous one, of which the `keep` newest stay."""
        live = await self._aliased(self.names.reads)
        before = [each for each in await self.previous() if each != name and each not in live]
        kept = [*(each for each in live if each != name), *before][:keep]
        actions = [
            *({"remove_index": {"index": each}} for each in (*live, *before) if each not in {*kept, name}),
            *self._demotions([each for each in live if each in kept]),
            {"remove": {"index": name, "aliases": [self.names.building, self.names.previous], "must_exist": False}},
            {"add": {"index": name, "alias": self.names.reads}},
            {"add": {"index": name, "alias": self.names.writes, "is_write_index": True}},
        ]
        await self._client.indices.update_aliases(actions=actions)

    async def previous(self) -> list[str]:
        """Name the indexes that were live before and are kept, the youngest first."""
        found = await self._aliased(self.names.previous)
        return sorted(found, key=lambda name: int(found[name]["settings"]["index"]["creation_date"]), reverse=True)

    async def note_replay(self, name: str, offsets: Mapping[int, int] | None) -> None:
        """Note in the index from where its updates must still be replayed; None: from nowhere, it has all."""
        noted = None if offsets is None else {str(partition): offset for partition, offset in offsets.items()}
        meta = index_mapping(seeded=True)["_meta"]
        await self._client.indices.put_mapping(index=name, meta={**meta, REPLAY_FROM: noted})

    async def noted_replay(self) -> tuple[str, dict[int, int]] | None:
        """Give the live index and the offsets noted in it; None when it has all updates."""
        for name, details in (await self._aliased(self.names.reads)).items():
            noted = details["mappings"].get("_meta", {}).get(REPLAY_FROM)
            if noted is not None:
                return name, {int(partition): offset for partition, offset in noted.items()}
        return None

    def _demotions(self, live: Iterable[str]) -> list[dict[str, Any]]:
        demotions: list[dict[str, Any]] = []
        for each in live:
            aliases = [self.names.reads, self.names.writes]
            demotions.append({"remove": {"index": each, "aliases": aliases, "must_exist": False}})
            demotions.append({"add": {"index": each, "alias": self.names.previous}})
        return demotions

    async def _aliased(self, alias: str) -> Mapping[str, Any]:
        if not await self._client.indices.exists_alias(name=alias):
            return {}
        found = await self._client.indices.get(index=alias, ignore_unavailable=True)
        return dict(found.body)
