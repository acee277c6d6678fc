"""The address book of an account; called by the API. Somebody else's address is as good as none."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType
from psycopg.types.json import Jsonb
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.accounts.postal_address import address_faults, normalised_address
from order_service.database.engine import Database, translated_errors
from order_service.database.paging import page_bounds
from order_service.errors import Conflict, FieldFault, InvalidInput, NotFound
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.ids import UserId

MAX_ADDRESSES: Final = 100
MAX_LABEL: Final = 50


class AddressEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What an owner writes; `address` holds the fields of a postal address, an unset member stays as it is."""

    address: dict[str, str] = {}
    label: str | UnsetType = UNSET
    is_default: bool | UnsetType = UNSET


class SavedAddress(msgspec.Struct, frozen=True):
    """One entry of the book; at most one of them is the default."""

    id: int
    label: str
    address: dict[str, str]
    is_default: bool
    created_at: datetime
    updated_at: datetime


COLUMNS: Final = (
    "SELECT id, label, address, is_default, created_at, updated_at FROM addresses WHERE user_id = :user_id "
)
PAGE: Final = text(COLUMNS + "ORDER BY is_default DESC, id LIMIT :limit OFFSET :offset")
ONE: Final = text(COLUMNS + "AND id = :id")
COUNT: Final = text("SELECT count(*) FROM addresses WHERE user_id = :user_id")
LOCK_OWNER: Final = text("SELECT id FROM users WHERE id = :user_id FOR NO KEY UPDATE")
CLEAR_DEFAULT: Final = text("UPDATE addresses SET is_default = false WHERE user_id = :user_id AND is_default")
INSERT: Final = text("""
INSERT INTO addresses (user_id, label, address, is_default) VALUES (:user_id, :label, :address, :is_default)
RETURNING id
""")
UPDATE: Final = text("""
UPDATE addresses SET label = :label, address = :address, is_default = :is_default, updated_at = now() WHERE id = :id
""")
DELETE: Final = text("DELETE FROM addresses WHERE user_id = :user_id AND id = :id RETURNING id")


async def list_addresses(
    database: Database, user_id: UserId, page: int, page_size: int
) -> tuple[list[SavedAddress], int]:
    """Read one page (from 1), the default first, and the count of all."""
    paging = {"user_id": user_id, **page_bounds(page, page_size)}
    async with translated_errors(), database.reads.connect() as connection:
        count = (await connection.execute(COUNT, {"user_id": user_id})).scalar_one()
        rows = (await connection.execute(PAGE, paging)).all()
    return [_saved(row) for row in rows], count


async def read_address(database: Database, user_id: UserId, address_id: int) -> SavedAddress:
    """Read one of the owner's; raises NotFound."""
    async with translated_errors(), database.reads.connect() as connection:
        return _saved(await _one(connection, user_id, address_id))


async def add_address(database: Database, user_id: UserId, entry: AddressEntry) -> SavedAddress:
    """Write an entry; the first one is the default. Raises InvalidInput, Conflict when full."""

    async def add(unit: UnitOfWork) -> int:
        count = await _lock(unit.connection, user_id)
        if count >= MAX_ADDRESSES:
            raise Conflict(f"an address book holds {MAX_ADDRESSES} addresses")
        is_default = entry.is_default is True or (count == 0 and entry.is_default is UNSET)
        values = _checked({"label": "", "address": {}, "is_default": is_default}, entry)
        return int(await _write(unit.connection, user_id, {**values, "is_default": is_default}))

    return await read_address(database, user_id, await in_unit_of_work(database, add))


async def change_address(database: Database, user_id: UserId, address_id: int, entry: AddressEntry) -> SavedAddress:
    """Change the members that are set, of the address the fields that are there; raises InvalidInput, NotFound."""

    async def change(unit: UnitOfWork) -> None:
        await _lock(unit.connection, user_id)
        before = await _one(unit.connection, user_id, address_id)
        kept = {"label": before.label, "address": before.address, "is_default": before.is_default}
        await _write(unit.connection, user_id, _checked(kept, entry), address_id)

    await in_unit_of_work(database, change)
    return await read_address(database, user_id, address_id)


async def delete_address(database: Database, user_id: UserId, address_id: int) -> None:
    """Take it out of the book; orders keep their own copy. Raises NotFound."""

    async def delete(unit: UnitOfWork) -> None:
        found = await unit.connection.execute(DELETE, {"user_id": user_id, "id": address_id})
        if found.one_or_none() is None:
            raise NotFound("address", str(address_id))

    await in_unit_of_work(database, delete)


async def _lock(connection: AsyncConnection, user_id: UserId) -> int:
    """Make changes of one book wait for each other; gives the number of its entries."""
    if (await connection.execute(LOCK_OWNER, {"user_id": user_id})).one_or_none() is None:
        raise NotFound("account", str(user_id))
    return int((await connection.execute(COUNT, {"user_id": user_id})).scalar_one())


async def _one(connection: AsyncConnection, user_id: UserId, address_id: int) -> Row[Any]:
    row = (await connection.execute(ONE, {"user_id": user_id, "id": address_id})).one_or_none()
    if row is None:
        raise NotFound("address", str(address_id))
    return row


async def _write(
    connection: AsyncConnection, user_id: UserId, values: Mapping[str, Any], address_id: int | None = None
) -> Any:
    if values["is_default"]:
        await connection.execute(CLEAR_DEFAULT, {"user_id": user_id})
    parameters = {**values, "address": Jsonb(values["address"]), "user_id": user_id}
    if address_id is None:
        return (await connection.execute(INSERT, parameters)).scalar_one()
    return await connection.execute(UPDATE, {**parameters, "id": address_id})


def _checked(before: dict[str, Any], entry: AddressEntry) -> dict[str, Any]:
    """Put the entry over what was there before; raises InvalidInput with every faulty field."""
    address = normalised_address(before["address"] | entry.address)
    label = before["label"] if entry.label is UNSET else entry.label.strip()
    faults = address_faults(address)
    if len(label) > MAX_LABEL or not label.isprintable():
        faults.append(FieldFault("label", f"takes at most {MAX_LABEL} printable characters"))
    if faults:
        raise InvalidInput(faults)
    is_default = before["is_default"] if entry.is_default is UNSET else entry.is_default
    return {"label": label, "address": address, "is_default": is_default}


def _saved(row: Row[Any]) -> SavedAddress:
    return SavedAddress(row.id, row.label, row.address, row.is_default, row.created_at, row.updated_at)
