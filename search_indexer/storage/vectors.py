"""Vectors of product texts by the SHA-256 of the text: looked up, kept and pruned; used by the index side.

The texts themselves are not stored. What a text is made of stands in `search_indexer.index.embedded_text`, and once
more in SQL here, so that Postgres alone can tell which texts are still some product's; a test holds the two together.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy import text

from order_service.database.engine import Database, translated_errors

FILLING_LOCK: Final = 0x76_65_63_74_6F_72_73  # "vectors"; any constant does, as long as every release uses the same

PRUNING_TIMEOUT: Final = "2min"

LOOK_UP = text("""
    SELECT text_hash, vector FROM product_vectors
    WHERE model = :model AND text_hash = ANY (CAST(:hashes AS bytea[]))
""")

KEEP = text("""
    INSERT INTO product_vectors (model, text_hash, vector)
    SELECT :model, text_hash, vector FROM unnest(CAST(:hashes AS bytea[]), CAST(:vectors AS bytea[]))
        AS made (text_hash, vector)
    ON CONFLICT (model, text_hash) DO NOTHING
""")

PRODUCT_TEXTS: Final = """
    SELECT sha256(convert_to(
        p.title || '. ' || coalesce(c.path_names[array_upper(c.path_names, 1)], '') || '. ' || left(p.description, 200),
        'UTF8'
    )) AS text_hash
    FROM products p JOIN categories c ON c.id = p.category_id WHERE p.deleted_at IS NULL
"""
PRUNE = text(f"""
    DELETE FROM product_vectors v
    WHERE v.model <> :model OR NOT EXISTS (SELECT 1 FROM ({PRODUCT_TEXTS}) t WHERE t.text_hash = v.text_hash)
""")  # noqa: S608 - made of constants
LIMIT_PRUNING = text(f"SET LOCAL statement_timeout = '{PRUNING_TIMEOUT}'")

TRY_LOCK = text("SELECT pg_try_advisory_lock(:key)")
UNLOCK = text("SELECT pg_advisory_unlock(:key)")


async def known_vectors(database: Database, model: str, hashes: Collection[bytes]) -> dict[bytes, bytes]:
    """Give the vectors that are kept of these texts, packed as they were kept; one statement. Raises Unavailable."""
    async with translated_errors(), database.reads.connect() as connection:
        rows = await connection.execute(LOOK_UP, {"model": model, "hashes": list(hashes)})
        return {row.text_hash: row.vector for row in rows}


async def keep_vectors(database: Database, model: str, vectors: Mapping[bytes, bytes]) -> None:
    """Keep packed vectors by the hash of their text and commit; those that are kept stay. Raises Unavailable."""
    values = {"model": model, "hashes": list(vectors), "vectors": list(vectors.values())}
    async with translated_errors(), database.writes.begin() as connection:
        await connection.execute(KEEP, values)


async def prune_vectors(database: Database, model: str) -> int:
    """Delete what is no product's text any more or another model's, commit, and give how many.

    Hashes the text of every product: 0.1 s for 20,000. Raises Unavailable, also after PRUNING_TIMEOUT.
    """
    async with translated_errors(), database.writes.begin() as connection:
        await connection.execute(LIMIT_PRUNING)
        return (await connection.execute(PRUNE, {"model": model})).rowcount


@asynccontextmanager
async def filling_lock(database: Database) -> AsyncIterator[bool]:
    """Try to be the one process that fills in vectors; gives whether it is. Raises Unavailable.

    It is a session's lock: Postgres frees it when the process dies. Whoever loses the connection may fill beside
    another for a moment, which costs work and changes nothing.
    """
    async with translated_errors(), database.reads.connect() as connection:
        ours = bool(await connection.scalar(TRY_LOCK, {"key": FILLING_LOCK}))
        try:
            yield ours
        finally:
            if ours:
                await connection.execute(UNLOCK, {"key": FILLING_LOCK})
