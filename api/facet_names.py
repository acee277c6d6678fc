"""The names of the categories and stores that facets count, kept for a second; the search handler asks.

A name that changes is shown within FRESH_S; reading the same few names for every search cost more than counting them.
"""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from time import monotonic
from typing import Generic, TypeVar

from order_service.catalog.categories import category_labels
from order_service.catalog.stores import store_names
from order_service.database.engine import Database
from schemas.ids import StoreId

FRESH_S = 1.0
MOST_KEPT = 10_000
"""Of one kind; beyond it all are read again."""

Key = TypeVar("Key", bound=Hashable)


class KeptNames(Generic[Key]):
    """Names of one kind by key, each asked for again once it is FRESH_S old."""

    def __init__(
        self, read: Callable[[Sequence[Key]], Awaitable[dict[Key, str]]], clock: Callable[[], float] = monotonic
    ) -> None:
        self._read = read
        self._clock = clock
        self._kept: dict[Key, tuple[float, str | None]] = {}

    async def of(self, keys: Sequence[Key]) -> dict[Key, str]:
        """Map each key that has a name to it; raises what reading raises."""
        now = self._clock()
        wanted = [key for key in keys if key not in self._kept or now > self._kept[key][0]]
        if wanted:
            if len(self._kept) > MOST_KEPT:
                self._kept.clear()
                wanted = list(keys)
            names = await self._read(wanted)
            self._kept |= {key: (now + FRESH_S, names.get(key)) for key in wanted}
        found = {key: self._kept[key][1] for key in keys}
        return {key: name for key, name in found.items() if name is not None}


class FacetNames:
    """The names of categories by slug and of stores by id."""

    def __init__(self, database: Database) -> None:
        self._categories = KeptNames[str](lambda slugs: category_labels(database, slugs))
        self._stores = KeptNames[StoreId](lambda ids: store_names(database, ids))

    async def of(self, slugs: Sequence[str], stores: Sequence[StoreId]) -> dict[str, str]:
        """Map slugs and store ids (as text) to names; raises Unavailable. Waits for nothing while they are fresh."""
        labels = await self._categories.of(slugs) if slugs else {}
        names = await self._stores.of(stores) if stores else {}
        return labels | {str(store_id): name for store_id, name in names.items()}
