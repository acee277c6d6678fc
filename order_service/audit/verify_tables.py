"""Checks the invariants of the tables in one snapshot of the live database; called by `aisle verify`."""

from typing import Any, NamedTuple

from order_service.audit.invariants import INVARIANTS, Invariant
from order_service.database.engine import Database, translated_errors

MOST_ROWS = 20
"""Rows told of each broken invariant."""


class Broken(NamedTuple):
    """One row that breaks an invariant, by the names of its columns."""

    invariant: Invariant
    row: dict[str, Any]


async def verify_tables(database: Database) -> list[Broken]:
    """Give at most 20 rows of each invariant that is broken; holds one snapshot, so orders may come and go meanwhile.

    Reads every row of stock, ledger, orders and outbox: minutes on a large shop, without locking anything. Raises
    Unavailable.
    """
    async with translated_errors(), database.writes.connect() as lent:
        connection = await lent.execution_options(isolation_level="REPEATABLE READ")
        return [
            Broken(invariant, dict(row))
            for invariant in INVARIANTS
            for row in (await connection.execute(invariant.broken, {"most": MOST_ROWS})).mappings()
        ]
