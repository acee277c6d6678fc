"""Creates, swaps and removes the products' indexes; called by the consumer at its start and by the rebuild.

What an index is for stands in its aliases (search_indexer.index_names), and aliases change atomically, so a process
killed between two calls leaves a state that the next one can read.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from elasticsearch import AsyncElasticsearch, BadRequestError

from schemas.settings import SearchSettings
from search_indexer.index.mapping import index_mapping, index_settings, serving_settings
from search_indexer.index_names import IndexNames

ALREADY_THERE = "resource_already_exists_exception"


class ProductIndexes:
    """The indexes of one installation; methods raise the Elasticsearch client's own errors."""

    def __init__(self, client: AsyncElasticsearch, settings: SearchSettings) -> None:
        self._client = client
        self._settings = settings
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
                settings=index_settings(self._settings, loading=False),
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

    async def create_building(self) -> str:
        """Create the next index, with refreshes off, and give its name."""
        name = self.names.new(datetime.now(UTC), uuid4())
        await self._client.indices.create(
            index=name,
            settings=index_settings(self._settings, loading=True),
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
        await self._client.indices.put_settings(index=name, settings=serving_settings(self._settings))
        await self._client.indices.refresh(index=name)

    async def count_live(self, name: str) -> int:
        """Count the products in the index that are not deleted, as of the last refresh."""
        await self._client.indices.refresh(index=name)
        counted = await self._client.count(index=name, query={"term": {"deleted": False}})
        return int(counted["count"])

    async def swap_to(self, name: str) -> None:
        """Make the index live in one step; what was live is kept as the previous one, and the one before that goes."""
        live = await self._aliased(self.names.reads)
        before = [each for each in await self._aliased(self.names.previous) if each not in live]
        actions = [
            *({"remove_index": {"index": each}} for each in before),
            *self._demotions(live),
            {"remove": {"index": name, "alias": self.names.building}},
            {"add": {"index": name, "alias": self.names.reads}},
            {"add": {"index": name, "alias": self.names.writes, "is_write_index": True}},
        ]
        await self._client.indices.update_aliases(actions=actions)

    def _demotions(self, live: Mapping[str, Any]) -> list[dict[str, Any]]:
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
