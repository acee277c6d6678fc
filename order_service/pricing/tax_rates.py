"""The table of tax rates, kept by staff; called by the API."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.actor import Actor
from order_service.audit.trail import Deed, changes_between, record
from order_service.database.engine import Database, translated_errors
from order_service.database.paging import page_bounds
from order_service.errors import FieldFault, InvalidInput, NotFound
from order_service.pricing.change_record import ChangeRecord
from order_service.pricing.place import place_faults, place_named
from order_service.pricing.read_tariff import mark_tariff_changed
from order_service.pricing.tax import MILLION
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.given_fields import given_fields
from schemas.ids import CategoryId

APPLIES_TO = ("items", "shipping")
MAX_NAME = 100


class NewTaxRate(msgspec.Struct, frozen=True, kw_only=True):
    """A rate in millionths; no category is any, no region the whole country, no country everywhere."""

    name: str
    ppm: int
    applies_to: str = "items"
    country: str = ""
    region: str = ""
    category_id: CategoryId | None = None


class TaxRateChanges(msgspec.Struct, frozen=True, kw_only=True):
    """The fields to change; where and on what a rate holds stays: that would be another rate."""

    name: str | UnsetType = UNSET
    ppm: int | UnsetType = UNSET


class TaxRate(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table."""

    id: int
    name: str
    ppm: int
    applies_to: str
    country: str
    region: str
    category_id: CategoryId | None
    record: ChangeRecord


COUNT: Final = text("SELECT count(*) FROM tax_rates")
PAGE: Final = text("""
SELECT id, name, ppm, applies_to, country, region, category_id, created_by, updated_by, created_at, updated_at
FROM tax_rates WHERE CAST(:id AS bigint) IS NULL OR id = :id
ORDER BY country, region, applies_to, category_id NULLS FIRST, id LIMIT :limit OFFSET :offset
""")
HAS_CATEGORY: Final = text("SELECT EXISTS (SELECT FROM categories WHERE id = :id)")
INSERT: Final = text("""
INSERT INTO tax_rates (name, ppm, applies_to, country, region, category_id, created_by, updated_by)
VALUES (:name, :ppm, :applies_to, :country, :region, :category_id, :actor, :actor) RETURNING id
""")
UPDATE: Final = text("""
UPDATE tax_rates SET name = coalesce(:name, name), ppm = coalesce(:ppm, ppm), updated_by = :actor, updated_at = now()
WHERE id = :id
""")
LOCK: Final = text(
    "SELECT name, ppm, applies_to, country, region, category_id FROM tax_rates WHERE id = :id FOR UPDATE"
)
DELETE: Final = text("DELETE FROM tax_rates WHERE id = :id")


async def list_tax_rates(database: Database, page: int, page_size: int) -> tuple[list[TaxRate], int]:
    """Read one page (from 1) by place, and the count of all."""
    async with translated_errors(), database.reads.connect() as connection:
        count = (await connection.execute(COUNT)).scalar_one()
        paging = {"id": None, **page_bounds(page, page_size)}
        rows = (await connection.execute(PAGE, paging)).mappings().all()
    return [_rate(row) for row in rows], count


async def read_tax_rate(database: Database, rate_id: int) -> TaxRate:
    """Read one rate; raises NotFound."""
    async with translated_errors(), database.reads.connect() as connection:
        row = (await connection.execute(PAGE, {"id": rate_id, "limit": 1, "offset": 0})).mappings().one_or_none()
    if row is None:
        raise NotFound("tax rate", str(rate_id))
    return _rate(row)


async def create_tax_rate(database: Database, new: NewTaxRate, actor: Actor) -> TaxRate:
    """Write a rate; it holds for every order locked after the commit. Raises InvalidInput with every faulty field."""
    place = place_named(new.country, new.region)
    values = {**msgspec.structs.asdict(new), "country": place.country, "region": place.region}

    async def create(unit: UnitOfWork) -> int:
        faults = _faults({"name": new.name, "ppm": new.ppm}) + place_faults(place)
        faults += await _scope_faults(unit.connection, new)
        if faults:
            raise InvalidInput(faults)
        try:
            rate_id = int((await unit.connection.execute(INSERT, {**values, "actor": actor.name})).scalar_one())
        except IntegrityError as error:
            raise InvalidInput([FieldFault("country", "there is a rate for the same place and category")]) from error
        await _finish(unit.connection, actor, "create", rate_id, values)
        return rate_id

    return await read_tax_rate(database, await in_unit_of_work(database, create))


async def change_tax_rate(database: Database, rate_id: int, changes: TaxRateChanges, actor: Actor) -> TaxRate:
    """Apply the changes, for every order locked after the commit; raises NotFound, InvalidInput."""
    given = given_fields(changes)
    faults = _faults(given)
    if faults:
        raise InvalidInput(faults)
    values = {"name": None, "ppm": None, **given, "id": rate_id, "actor": actor.name}

    async def change(unit: UnitOfWork) -> None:
        details = changes_between(await _lock(unit.connection, rate_id), given)
        if details:
            await unit.connection.execute(UPDATE, values)
            await _finish(unit.connection, actor, "change", rate_id, details)

    await in_unit_of_work(database, change)
    return await read_tax_rate(database, rate_id)


async def delete_tax_rate(database: Database, rate_id: int, actor: Actor) -> None:
    """Take a rate out of the table; raises NotFound. Orders keep what they were taxed with."""

    async def delete(unit: UnitOfWork) -> None:
        before = await _lock(unit.connection, rate_id)
        await unit.connection.execute(DELETE, {"id": rate_id})
        await _finish(unit.connection, actor, "delete", rate_id, before)

    await in_unit_of_work(database, delete)


async def _lock(connection: AsyncConnection, rate_id: int) -> dict[str, Any]:
    row = (await connection.execute(LOCK, {"id": rate_id})).mappings().one_or_none()
    if row is None:
        raise NotFound("tax rate", str(rate_id))
    return dict(row)


async def _finish(
    connection: AsyncConnection, actor: Actor, verb: str, rate_id: int, details: Mapping[str, Any]
) -> None:
    """Put the change into effect and on record."""
    await mark_tariff_changed(connection)
    await record(connection, actor, Deed(action=f"tax-rate.{verb}", subject=f"tax-rate:{rate_id}", details=details))


def _faults(given: Mapping[str, Any]) -> list[FieldFault]:
    faults = []
    if "name" in given and not (0 < len(given["name"]) <= MAX_NAME and given["name"].isprintable()):
        faults.append(FieldFault("name", f"takes 1 to {MAX_NAME} printable characters"))
    if "ppm" in given and not 0 <= given["ppm"] <= MILLION:
        faults.append(FieldFault("rate", "is not from 0 to 100 percent"))
    return faults


async def _scope_faults(connection: AsyncConnection, new: NewTaxRate) -> list[FieldFault]:
    if new.applies_to not in APPLIES_TO:
        return [FieldFault("applies_to", f"is not one of {', '.join(APPLIES_TO)}")]
    if new.category_id is None:
        return []
    if new.applies_to == "shipping":
        return [FieldFault("category_id", "is for items only")]
    exists = (await connection.execute(HAS_CATEGORY, {"id": new.category_id})).scalar_one()
    return [] if exists else [FieldFault("category_id", "is not a category")]


def _rate(row: Mapping[Any, Any]) -> TaxRate:
    columns = dict(row)
    return TaxRate(record=ChangeRecord.taken_from(columns), **columns)
