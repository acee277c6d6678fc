"""Stores: listed for everybody, changed by staff; called by the API."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import CursorResult, TextClause, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.actor import Actor
from order_service.audit.trail import Deed, changes_between, record
from order_service.catalog.mark_changed import mark_changed
from order_service.catalog.store_rules import store_faults
from order_service.database.engine import Database, translated_errors
from order_service.database.paging import page_bounds
from order_service.errors import FieldFault, InvalidInput, NotFound
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.given_fields import given_fields
from schemas.ids import StoreId


class Store(msgspec.Struct, frozen=True):
    """One store; coordinates are WGS 84 degrees."""

    id: StoreId
    code: str
    name: str
    city: str
    region: str
    postal_code: str
    country: str
    latitude: float | None
    longitude: float | None


class NewStore(msgspec.Struct, frozen=True, kw_only=True):
    """A store to be; without a code it gets `S-<id>`."""

    name: str
    code: str | None = None
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    latitude: float | None = None
    longitude: float | None = None


class StoreChanges(msgspec.Struct, frozen=True, kw_only=True):
    """The fields to change; what is UNSET stays as it is."""

    name: str | UnsetType = UNSET
    code: str | UnsetType = UNSET
    city: str | UnsetType = UNSET
    region: str | UnsetType = UNSET
    postal_code: str | UnsetType = UNSET
    country: str | UnsetType = UNSET
    latitude: float | UnsetType | None = UNSET
    longitude: float | UnsetType | None = UNSET


COUNT: Final = text("SELECT count(*) FROM stores WHERE deleted_at IS NULL")
PAGE: Final = text(
    """
    SELECT id, code, name, city, region, postal_code, country, latitude, longitude
    FROM stores WHERE deleted_at IS NULL ORDER BY id LIMIT :limit OFFSET :offset
    """
)
ONE: Final = text(
    """
    SELECT id, code, name, city, region, postal_code, country, latitude, longitude
    FROM stores WHERE id = :id AND deleted_at IS NULL
    """
)
NAMES: Final = text("SELECT id, name FROM stores WHERE id = ANY (CAST(:ids AS bigint[])) AND deleted_at IS NULL")
INSERT: Final = text(
    """
    WITH fresh AS MATERIALIZED (SELECT nextval(pg_get_serial_sequence('stores', 'id')) AS id)
    INSERT INTO stores (id, code, name, city, region, postal_code, country, latitude, longitude)
    OVERRIDING SYSTEM VALUE
    SELECT fresh.id, coalesce(:code, 'S-' || fresh.id), :name, :city, :region, :postal_code, :country,
        CAST(:latitude AS double precision), CAST(:longitude AS double precision)
    FROM fresh
    RETURNING id
    """
)
LOCK: Final = text("SELECT id FROM stores WHERE id = :id AND deleted_at IS NULL FOR NO KEY UPDATE")
UPDATE: Final = text(
    """
    UPDATE stores SET code = :code, name = :name, city = :city, region = :region, postal_code = :postal_code,
        country = :country, latitude = :latitude, longitude = :longitude, updated_at = now()
    WHERE id = :id
    """
)
DELETE: Final = text("UPDATE stores SET deleted_at = now(), updated_at = now() WHERE id = :id")
IN_STOCK: Final = text("SELECT product_id FROM stock_levels WHERE store_id = :id AND on_hand > reserved")


async def list_stores(database: Database, page: int, page_size: int) -> tuple[list[Store], int]:
    """Read one page (from 1) by id, and the count of all."""
    paging = page_bounds(page, page_size)
    async with translated_errors(), database.reads.connect() as connection:
        count = (await connection.execute(COUNT)).scalar_one()
        rows = (await connection.execute(PAGE, paging)).all()
    return [Store(*row) for row in rows], count


async def store_names(database: Database, ids: Sequence[StoreId]) -> dict[StoreId, str]:
    """Map each of these stores to its name; deleted and unknown ones are left out."""
    async with translated_errors(), database.reads.connect() as connection:
        rows = await connection.execute(NAMES, {"ids": list(ids)})
        return {row.id: row.name for row in rows}


async def read_store(database: Database, store_id: StoreId) -> Store:
    """Read one store; raises NotFound when there is none or it was deleted."""
    async with translated_errors(), database.reads.connect() as connection:
        row = (await connection.execute(ONE, {"id": store_id})).one_or_none()
    if row is None:
        raise NotFound("store", str(store_id))
    return Store(*row)


async def create_store(database: Database, new: NewStore, actor: Actor) -> Store:
    """Write a store; raises InvalidInput with every faulty field. The code of a deleted store stays taken."""
    fields = _trimmed(msgspec.structs.asdict(new))
    _check(fields)

    async def create(unit: UnitOfWork) -> StoreId:
        made = StoreId((await _written(unit.connection, INSERT, fields)).scalar_one())
        await record(unit.connection, actor, Deed(action="store.create", subject=f"store:{made}", details=fields))
        return made

    return await read_store(database, await in_unit_of_work(database, create))


async def change_store(database: Database, store_id: StoreId, changes: StoreChanges, actor: Actor) -> Store:
    """Apply the changes; raises NotFound, InvalidInput. No product is marked: none shows a store's fields."""
    fields = _trimmed(given_fields(changes))

    async def change(unit: UnitOfWork) -> None:
        await _lock(unit.connection, store_id)
        _check(fields)
        before = dict((await unit.connection.execute(ONE, {"id": store_id})).mappings().one())
        await _written(unit.connection, UPDATE, before | fields)
        details = changes_between(before, fields)
        if details:
            deed = Deed(action="store.change", subject=f"store:{store_id}", details=details)
            await record(unit.connection, actor, deed)

    await in_unit_of_work(database, change)
    return await read_store(database, store_id)


async def delete_store(database: Database, store_id: StoreId, actor: Actor) -> None:
    """Close the store: its stock no longer counts, the products it had in stock are marked; raises NotFound."""

    async def delete(unit: UnitOfWork) -> None:
        await _lock(unit.connection, store_id)
        await unit.connection.execute(DELETE, {"id": store_id})
        in_stock = (await unit.connection.execute(IN_STOCK, {"id": store_id})).scalars().all()
        await mark_changed(unit.connection, in_stock, actor.request_id)
        await record(unit.connection, actor, Deed(action="store.delete", subject=f"store:{store_id}"))

    await in_unit_of_work(database, delete)


async def _lock(connection: AsyncConnection, store_id: StoreId) -> None:
    if (await connection.execute(LOCK, {"id": store_id})).one_or_none() is None:
        raise NotFound("store", str(store_id))


async def _written(connection: AsyncConnection, statement: TextClause, values: dict[str, Any]) -> CursorResult[Any]:
    try:
        return await connection.execute(statement, values)
    except IntegrityError as error:
        raise InvalidInput([FieldFault("code", "another store has it")]) from error


def _trimmed(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}


def _check(fields: dict[str, Any]) -> None:
    faults = store_faults({name: value for name, value in fields.items() if value is not None})
    if faults:
        raise InvalidInput(faults)
