"""Goes back to the index that was live before the last rebuild; called by `aisle index rollback`.

Nobody wrote to that index since, so it is first brought up to Postgres by an audit with repair, then made live in one
step, and audited once more for what changed between. Searches never see a gap or an old price.
"""

from elasticsearch import AsyncElasticsearch

from order_service.database.engine import Database
from schemas.search_settings import SearchSettings
from search_indexer.index.audit import Audit, AuditReport, audit_index
from search_indexer.index.indexes import ProductIndexes
from search_indexer.index.product_vectors import KnownVectors
from search_indexer.index.repair import Target
from search_indexer.storage.rebuild_lock import rebuild_lock
from search_indexer.translated_errors import translated_errors


class NothingToRollBackTo(Exception):
    """No earlier index was kept."""


async def roll_back(
    client: AsyncElasticsearch, database: Database, search: SearchSettings, currency: str
) -> tuple[str, AuditReport]:
    """Make the youngest kept index live, keep the present one in its place, and give its name and the last audit.

    Raises NothingToRollBackTo, RebuildIsRunning while a rebuild or another rollback runs, and what an audit raises.
    """
    indexes = ProductIndexes(client, search)
    async with rebuild_lock(database):
        with translated_errors():
            previous = await indexes.previous()
        if not previous:
            raise NothingToRollBackTo
        [name, *others] = previous
        vectors = KnownVectors(database)
        earlier = Target(client, name, is_alias=False, vectors=vectors)
        await audit_index(Audit(earlier, database, currency, patience_s=0), repair=True)
        with translated_errors():
            await indexes.swap_to(name, keep=1 + len(others))
        live = Target(client, indexes.names.reads, vectors=vectors)
        return name, await audit_index(Audit(live, database, currency), repair=True)
