"""Parcels of an order: which pieces left with which carrier, and where to follow them; called by the API."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.actor import Actor
from order_service.audit.trail import Deed, record
from order_service.database.engine import Database, translated_errors
from order_service.errors import Conflict, FieldFault, InvalidInput, NotFound
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.ids import OrderId

PACKED_IN: Final = ("CONFIRMED", "PAID", "SHIPPED", "DELIVERED")
"""States of an order whose goods may be on their way."""


class PackedLine(msgspec.Struct, frozen=True):
    """So many pieces of a line of the order, by the line's number."""

    line: int
    quantity: int


class NewParcel(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel to be; without `lines` everything goes in that is in no other parcel."""

    carrier: str
    tracking_number: str = ""
    tracking_link: str | None = None
    lines: list[PackedLine] | None = None


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """One parcel as recorded."""

    id: int
    carrier: str
    tracking_number: str
    tracking_link: str | None
    lines: list[PackedLine]
    created_by: str
    created_at: datetime


LOCK_ORDER: Final = text("SELECT status FROM orders WHERE id = :order_id FOR NO KEY UPDATE")
LEFT: Final = text("""
SELECT l.line_number, l.quantity - coalesce(sum(p.quantity), 0) AS quantity
FROM order_lines l LEFT JOIN parcel_lines p ON p.order_id = l.order_id AND p.line_number = l.line_number
WHERE l.order_id = :order_id GROUP BY l.order_id, l.line_number ORDER BY l.line_number
""")
INSERT: Final = text("""
WITH parcel AS (
    INSERT INTO parcels (order_id, carrier, tracking_number, tracking_link, created_by)
    VALUES (:order_id, :carrier, :tracking_number, :tracking_link, :actor) RETURNING id
), packed AS (
    INSERT INTO parcel_lines (parcel_id, order_id, line_number, quantity)
    SELECT parcel.id, :order_id, line, quantity
    FROM parcel, unnest(CAST(:lines AS smallint[]), CAST(:quantities AS bigint[])) AS p (line, quantity)
)
SELECT id FROM parcel
""")
PARCELS: Final = text("""
SELECT p.id, p.carrier, p.tracking_number, p.tracking_link, p.created_by, p.created_at, (
    SELECT jsonb_agg(jsonb_build_object('line', l.line_number, 'quantity', l.quantity) ORDER BY l.line_number)
    FROM parcel_lines l WHERE l.parcel_id = p.id
)::text AS lines
FROM parcels p WHERE p.order_id = :order_id ORDER BY p.id
""")
DELETE: Final = text("DELETE FROM parcels WHERE order_id = :order_id AND id = :parcel_id RETURNING id")


async def list_parcels(database: Database, order_id: OrderId) -> list[Parcel]:
    """Read the order's parcels, oldest first; whose the order may be shown to is the caller's business."""
    async with translated_errors(), database.reads.connect() as connection:
        return await _parcels(connection, order_id)


async def add_parcel(database: Database, order_id: OrderId, new: NewParcel, actor: Actor) -> Parcel:
    """Record a parcel under the order's lock, so that no piece leaves twice.

    Raises NotFound, InvalidInput for lines that do not exist or hold less, Conflict when the order is not to be sent or
    nothing of it is left.
    """

    async def add(unit: UnitOfWork) -> Parcel:
        connection = unit.connection
        await _lock(connection, order_id)
        left = {row.line_number: int(row.quantity) for row in await connection.execute(LEFT, {"order_id": order_id})}
        lines = _lines(new.lines, left)
        values = {
            "order_id": order_id,
            "carrier": new.carrier,
            "tracking_number": new.tracking_number,
            "tracking_link": new.tracking_link,
            "actor": actor.name,
            "lines": [each.line for each in lines],
            "quantities": [each.quantity for each in lines],
        }
        await connection.execute(INSERT, values)
        parcel = (await _parcels(connection, order_id))[-1]
        await _record(connection, actor, "add", order_id, {"parcel": parcel.id, "carrier": new.carrier, "lines": lines})
        return parcel

    return await in_unit_of_work(database, add)


async def delete_parcel(database: Database, order_id: OrderId, parcel_id: int, actor: Actor) -> None:
    """Take back what was entered by mistake; raises NotFound."""

    async def delete(unit: UnitOfWork) -> None:
        await unit.connection.execute(LOCK_ORDER, {"order_id": order_id})
        found = await unit.connection.execute(DELETE, {"order_id": order_id, "parcel_id": parcel_id})
        if found.one_or_none() is None:
            raise NotFound("parcel", str(parcel_id))
        await _record(unit.connection, actor, "delete", order_id, {"parcel": parcel_id})

    await in_unit_of_work(database, delete)


async def _record(
    connection: AsyncConnection, actor: Actor, verb: str, order_id: OrderId, details: Mapping[str, Any]
) -> None:
    await record(connection, actor, Deed(action=f"parcel.{verb}", subject=f"order:{order_id}", details=details))


async def _lock(connection: AsyncConnection, order_id: OrderId) -> None:
    row = (await connection.execute(LOCK_ORDER, {"order_id": order_id})).one_or_none()
    if row is None:
        raise NotFound("order", str(order_id))
    if row.status not in PACKED_IN:
        raise Conflict(f"an order that is {row.status} is not sent")


def _lines(asked: Sequence[PackedLine] | None, left: Mapping[int, int]) -> list[PackedLine]:
    """Give what goes into the parcel, out of what is left of each line."""
    if asked is None:
        lines = [PackedLine(line, quantity) for line, quantity in left.items() if quantity]
        if not lines:
            raise Conflict("every piece of the order is in a parcel")
        return lines
    faults = packing_faults(asked, left)
    if faults:
        raise InvalidInput(faults)
    return list(asked)


def packing_faults(asked: Sequence[PackedLine], left: Mapping[int, int]) -> list[FieldFault]:
    """List the lines that the order does not have, that are named twice, or of which less is left."""
    faults = []
    seen: set[int] = set()
    for position, each in enumerate(asked):
        path = f"lines[{position}]"
        if each.line not in left:
            faults.append(FieldFault(f"{path}.line", "is not a line of the order"))
        elif each.line in seen:
            faults.append(FieldFault(f"{path}.line", "is named by an earlier entry"))
        elif not 0 < each.quantity <= left[each.line]:
            faults.append(FieldFault(f"{path}.quantity", f"is not between 1 and the {left[each.line]} left"))
        seen.add(each.line)
    return faults


async def _parcels(connection: AsyncConnection, order_id: OrderId) -> list[Parcel]:
    rows = (await connection.execute(PARCELS, {"order_id": order_id})).mappings()
    return [_parcel(dict(row)) for row in rows]


def _parcel(columns: dict[str, Any]) -> Parcel:
    return Parcel(lines=msgspec.json.decode(columns.pop("lines"), type=list[PackedLine]), **columns)
