"""Imports stores from JSON lines; called by `aisle import stores` and the seed.

Stores are few: a batch of 500 lines is one transaction. A deleted store is revived by its code, and the products
it has in stock are marked.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec
from sqlalchemy import text

from order_service.catalog.import_report import BadLine, Destination, ImportReport, batched
from order_service.catalog.import_turns import take_turn
from order_service.catalog.json_lines import decode_line
from order_service.catalog.line_reader import MAX_LINE_BYTES, Line
from order_service.catalog.mark_changed import mark_changed
from order_service.catalog.store_rules import store_faults
from order_service.unit_of_work import UnitOfWork, in_unit_of_work

BATCH_SIZE: Final = 500


class StoreLine(msgspec.Struct, frozen=True):
    """A line as a merchant writes it; unknown fields are ignored."""

    code: str | int | None = None
    name: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | int | None = None
    country: str | None = None
    latitude: float | None = None
    longitude: float | None = None


_decoder = msgspec.json.Decoder(StoreLine)

COORDINATES: Final = ("latitude", "longitude")

WRITE_BATCH: Final = text(
    """
    WITH incoming AS MATERIALIZED (
        SELECT * FROM unnest(
            CAST(:code AS text[]), CAST(:name AS text[]), CAST(:city AS text[]), CAST(:region AS text[]),
            CAST(:postal_code AS text[]), CAST(:country AS text[]), CAST(:latitude AS double precision[]),
            CAST(:longitude AS double precision[])
        ) AS line (code, name, city, region, postal_code, country, latitude, longitude)
    ), differing AS MATERIALIZED (
        SELECT s.id, s.deleted_at IS NOT NULL AS revived, i.*
        FROM stores s JOIN incoming i ON i.code = s.code
        WHERE NOT :keep AND (
            s.deleted_at IS NOT NULL
            OR (s.name, s.city, s.region, s.postal_code, s.country, s.latitude, s.longitude)
            IS DISTINCT FROM (i.name, i.city, i.region, i.postal_code, i.country, i.latitude, i.longitude)
        )
        ORDER BY s.id FOR NO KEY UPDATE OF s
    ), changed AS (
        UPDATE stores SET name = d.name, city = d.city, region = d.region, postal_code = d.postal_code,
            country = d.country, latitude = d.latitude, longitude = d.longitude, updated_at = now(),
            deleted_at = NULL
        FROM differing d WHERE stores.id = d.id
        RETURNING stores.id
    ), created AS (
        INSERT INTO stores (code, name, city, region, postal_code, country, latitude, longitude)
        SELECT * FROM incoming i WHERE NOT EXISTS (SELECT FROM stores s WHERE s.code = i.code)
        ON CONFLICT (code) DO NOTHING
        RETURNING id
    )
    SELECT (SELECT count(*) FROM created) AS created, (SELECT count(*) FROM changed) AS changed,
        ARRAY(
            SELECT DISTINCT l.product_id FROM stock_levels l JOIN differing d ON d.id = l.store_id AND d.revived
            WHERE l.on_hand > l.reserved
        ) AS back_in_stock
    """
)


async def import_stores(destination: Destination, lines: Iterable[Line], report: ImportReport) -> None:
    """Bring stores to what the lines say, by code; commits every 500 lines.

    Bad lines go to the report and the rest goes in. Raises what the lines raise (UnreadableFile), and Unavailable
    when Postgres is away.
    """
    for batch in batched(_good_stores(lines, report), BATCH_SIZE):
        created, changed = await _write_batch(destination, batch)
        report.count(created=created, changed=changed, unchanged=len(batch) - created - changed)


def parse_store_line(content: bytes) -> dict[str, Any]:
    """Turn one line into a store's columns; raises BadLine with every reason found."""
    given = msgspec.structs.asdict(decode_line(_decoder, content))
    fields = {name: value if name in COORDINATES else _trimmed(value) for name, value in given.items()}
    faults = store_faults(fields)
    if faults:
        raise BadLine("; ".join(f"{fault.field}: {fault.message}" for fault in faults))
    return fields


def _good_stores(lines: Iterable[Line], report: ImportReport) -> Iterator[dict[str, Any]]:
    codes: set[str] = set()
    for number, content in lines:
        try:
            if content is None:
                raise BadLine(f"longer than {MAX_LINE_BYTES} bytes")  # noqa: TRY301 - each bad line takes one way
            if content.strip():
                fields = parse_store_line(content)
                _refuse_repeated(fields["code"], codes)
                yield fields
        except BadLine as bad:
            report.refuse(number, str(bad))


def _refuse_repeated(code: str, codes: set[str]) -> None:
    if code in codes:
        raise BadLine(f"code: {code!r} stands on an earlier line too")
    codes.add(code)


async def _write_batch(destination: Destination, batch: list[dict[str, Any]]) -> tuple[int, int]:
    values: dict[str, Any] = {name: [fields[name] for fields in batch] for name in batch[0]}
    values["keep"] = destination.existing == "keep"

    async def write(unit: UnitOfWork) -> tuple[int, int]:
        await take_turn(unit.connection)
        row = (await unit.connection.execute(WRITE_BATCH, values)).one()
        await mark_changed(unit.connection, row.back_in_stock, destination.actor.request_id)
        return row.created, row.changed

    return await in_unit_of_work(destination.database, write)


def _trimmed(value: str | int | None) -> str:
    return "" if value is None else str(value).strip()
