"""Imports stock levels from lines of `store_code,id,quantity`; called by `aisle import inventory` and the seed.

A batch is one transaction of a few set-based statements; a level that has its quantity is not written, so that
the import may be run again at any time.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.catalog.import_report import BadLine, Destination, ImportReport, batched
from order_service.catalog.import_turns import take_turn
from order_service.catalog.line_reader import MAX_LINE_BYTES, Line, UnreadableFile
from order_service.catalog.mark_changed import mark_changed
from order_service.stock.inventory_line import InventoryLine, Layout, parse_header, parse_inventory_line
from order_service.stock.write_levels import LevelVerdict, WantedLevel, receive_missing, set_existing
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.ids import ProductId, StoreId

BATCH_SIZE: Final = 5_000
REASON: Final = "inventory import"

RESOLVE: Final = text(
    """
    SELECT s.id AS store_id, p.id AS product_id, l.on_hand
    FROM unnest(CAST(:codes AS text[]), CAST(:skus AS text[])) WITH ORDINALITY AS line (code, sku, place)
    LEFT JOIN stores s ON s.code = line.code AND s.deleted_at IS NULL
    LEFT JOIN products p ON p.sku = line.sku AND p.deleted_at IS NULL
    LEFT JOIN stock_levels l ON l.store_id = s.id AND l.product_id = p.id
    ORDER BY line.place
    """
)

Refusal = tuple[int, str]


async def import_inventory(destination: Destination, lines: Iterable[Line], report: ImportReport) -> None:
    """Bring levels to what the lines say. Commits every 5,000 lines.

    Bad lines go to the report and the rest goes in: unknown store or product, a bad quantity, one below what is
    reserved, a second line for the same level. Raises UnreadableFile when the first line is no header or the file
    breaks off, and Unavailable when Postgres is away. Reads the lines on the calling thread.
    """
    for batch in batched(_good_lines(lines, report), BATCH_SIZE):
        refusals, verdicts = await _write_batch(destination, batch)
        for number, reason in refusals:
            report.refuse(number, reason)
        created = sum(each.created for each in verdicts)
        changed = sum(not each.created and not each.refused for each in verdicts)
        report.count(created=created, changed=changed, unchanged=len(batch) - len(refusals) - created - changed)


def _good_lines(lines: Iterable[Line], report: ImportReport) -> Iterator[InventoryLine]:
    iterator = iter(lines)
    layout = _layout(next(iterator, None))
    seen: set[tuple[str, str]] = set()
    for number, content in iterator:
        try:
            line = _parse(number, content, layout)
            if line is not None:
                _refuse_repeated(line, seen)
                yield line
        except BadLine as bad:
            report.refuse(number, str(bad))


def _layout(first: Line | None) -> Layout:
    try:
        return parse_header((first.content if first else None) or b"")
    except BadLine as bad:
        raise UnreadableFile(str(bad)) from bad


def _parse(number: int, content: bytes | None, layout: Layout) -> InventoryLine | None:
    if content is None:
        raise BadLine(f"longer than {MAX_LINE_BYTES} bytes")
    return parse_inventory_line(number, content, layout) if content.strip() else None


def _refuse_repeated(line: InventoryLine, seen: set[tuple[str, str]]) -> None:
    key = (line.store_code, line.sku)
    if key in seen:
        raise BadLine(f"store {line.store_code!r} and id {line.sku!r} stand on an earlier line too")
    seen.add(key)


class _Resolved(NamedTuple):
    """A batch by what it asks for: each wanted level with its line's number, and the lines refused."""

    missing: dict[WantedLevel, int]
    differing: dict[WantedLevel, int]
    refusals: list[Refusal]


async def _write_batch(
    destination: Destination, batch: list[InventoryLine]
) -> tuple[list[Refusal], list[LevelVerdict]]:
    async def write(unit: UnitOfWork) -> tuple[list[Refusal], list[LevelVerdict]]:
        await take_turn(unit.connection)
        resolved = await _resolve(unit.connection, batch)
        verdicts = await _write_levels(unit.connection, destination, resolved)
        flipped = sorted({each.product_id for each in verdicts if each.flipped})
        await mark_changed(unit.connection, flipped, destination.actor.request_id)
        return sorted(resolved.refusals + _below_reserved(resolved, verdicts)), verdicts

    return await in_unit_of_work(destination.database, write)


async def _write_levels(
    connection: AsyncConnection, destination: Destination, resolved: _Resolved
) -> list[LevelVerdict]:
    """Create what is missing and set what differs; a level that somebody created meanwhile is set too."""
    missing, differing = list(resolved.missing), list(resolved.differing)
    verdicts = await receive_missing(connection, missing, REASON, destination.actor) if missing else []
    if destination.existing == "update":
        created = {(each.store_id, each.product_id) for each in verdicts}
        differing += [level for level in missing if (level.store_id, level.product_id) not in created]
        if differing:
            verdicts += await set_existing(connection, differing, REASON, destination.actor)
    return verdicts


def _below_reserved(resolved: _Resolved, verdicts: Iterable[LevelVerdict]) -> list[Refusal]:
    refused = {(each.store_id, each.product_id) for each in verdicts if each.refused}
    return [
        (number, "quantity: below what is reserved in carts")
        for level, number in (resolved.missing | resolved.differing).items()
        if (level.store_id, level.product_id) in refused
    ]


async def _resolve(connection: AsyncConnection, batch: list[InventoryLine]) -> _Resolved:
    """Find store, product and present level of each line."""
    values = {"codes": [line.store_code for line in batch], "skus": [line.sku for line in batch]}
    rows = (await connection.execute(RESOLVE, values)).all()
    resolved = _Resolved({}, {}, [])
    for line, (store_id, product_id, on_hand) in zip(batch, rows, strict=True):
        if store_id is None:
            resolved.refusals.append((line.number, f"store_code: there is no store {line.store_code[:50]!r}"))
        elif product_id is None:
            resolved.refusals.append((line.number, f"id: there is no product {line.sku[:100]!r}"))
        elif on_hand != line.quantity:
            level = WantedLevel(StoreId(store_id), ProductId(product_id), line.quantity)
            (resolved.missing if on_hand is None else resolved.differing)[level] = line.number
    return resolved
