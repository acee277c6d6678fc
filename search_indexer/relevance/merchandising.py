"""Synonyms and rules as staff reads and saves them, each kind whole and versioned; called by the API."""

from collections.abc import Sequence
from datetime import datetime
from typing import Generic, TypeVar

import msgspec

from order_service.database.engine import Database
from search_indexer.errors import StaleVersion
from search_indexer.query.rules import Rule
from search_indexer.query.synonyms import SynonymSet
from search_indexer.storage.merchandising import Kind, Saved, insert_version, read_newest

Item = TypeVar("Item")


class Version(msgspec.Struct, Generic[Item], frozen=True):
    """One version of one kind; version 0 is empty and was saved by nobody."""

    version: int
    items: list[Item]
    actor: str | None = None
    created_at: datetime | None = None


async def read_synonyms(database: Database) -> Version[SynonymSet]:
    """Give the synonyms in effect; raises Unavailable."""
    return _version(await read_newest(database, "synonyms"), SynonymSet)


async def read_rules(database: Database) -> Version[Rule]:
    """Give the rules in effect; raises Unavailable."""
    return _version(await read_newest(database, "rules"), Rule)


async def save_synonyms(
    database: Database, changed: int, sets: Sequence[SynonymSet], actor: str
) -> Version[SynonymSet]:
    """Put these sets in effect in place of version `changed`; raises StaleVersion and Unavailable."""
    return _version(await _saved(database, "synonyms", changed, sets, actor), SynonymSet)


async def save_rules(database: Database, changed: int, rules: Sequence[Rule], actor: str) -> Version[Rule]:
    """Put these rules in effect in place of version `changed`; raises StaleVersion and Unavailable."""
    return _version(await _saved(database, "rules", changed, rules, actor), Rule)


async def _saved(database: Database, kind: Kind, changed: int, items: Sequence[msgspec.Struct], actor: str) -> Saved:
    saved = await insert_version(database, kind, changed, msgspec.json.encode(items).decode(), actor)
    if saved is None:
        newest = await read_newest(database, kind)
        raise StaleVersion(kind, given=changed, current=newest.version if newest else 0)
    return saved


def _version(saved: Saved | None, item: type[Item]) -> Version[Item]:
    if saved is None:
        return Version(0, [])
    items = msgspec.json.decode(saved.content, type=list[item])  # type: ignore[valid-type]  # made at run time
    return Version(saved.version, items, saved.actor, saved.created_at)
