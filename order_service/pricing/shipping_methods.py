"""Ways of shipping and their prices by place: chosen from by everybody, kept by staff; called by the API."""

import re
from collections.abc import Mapping, Sequence
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
from order_service.pricing.place import Place, place_faults, place_named
from order_service.pricing.read_tariff import mark_tariff_changed
from order_service.pricing.tariff import ShippingPrice, by_place, narrowest_price
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.given_fields import given_fields
from schemas.money import MAX_MINOR_UNITS

CODE: Final = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
MAX_CODE: Final = 50
MAX_NAME: Final = 100
MAX_PRICES: Final = 500


class NewShippingMethod(msgspec.Struct, frozen=True, kw_only=True):
    """A way of shipping to be; it serves the places that have a price."""

    code: str
    name: str
    prices: list[ShippingPrice]
    is_active: bool = True


class ShippingMethodChanges(msgspec.Struct, frozen=True, kw_only=True):
    """The fields to change; `prices` are replaced as a whole, the code stays."""

    name: str | UnsetType = UNSET
    prices: list[ShippingPrice] | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET


class ShippingMethod(msgspec.Struct, frozen=True, kw_only=True):
    """One way of shipping; one that is not active cannot be chosen."""

    id: int
    code: str
    name: str
    is_active: bool
    prices: list[ShippingPrice]
    record: ChangeRecord


METHODS: Final = """
SELECT m.id, m.code, m.name, m.is_active, m.created_by, m.updated_by, m.created_at, m.updated_at, (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'country', p.country, 'region', p.region, 'price_minor', p.price_minor, 'free_from_minor', p.free_from_minor)
        ORDER BY p.country, p.region), '[]')
    FROM shipping_prices p WHERE p.method_id = m.id
)::text AS prices
"""
CHOSEN: Final = """
FROM shipping_methods m WHERE (m.is_active OR :inactive_too) AND (CAST(:country AS text) IS NULL OR EXISTS (
    SELECT FROM shipping_prices p WHERE p.method_id = m.id
        AND (p.country = '' OR (p.country = :country AND p.region IN ('', :region)))
))
"""
COUNT: Final = text("SELECT count(*)" + CHOSEN)
PAGE: Final = text(METHODS + CHOSEN + "ORDER BY m.id LIMIT :limit OFFSET :offset")
ONE: Final = text(METHODS + "FROM shipping_methods m WHERE m.id = :id")
LOCK: Final = text("SELECT id FROM shipping_methods WHERE id = :id FOR UPDATE")
INSERT: Final = text("""
INSERT INTO shipping_methods (code, name, is_active, created_by, updated_by)
VALUES (:code, :name, :is_active, :actor, :actor) RETURNING id
""")
UPDATE: Final = text("""
UPDATE shipping_methods SET name = coalesce(:name, name), is_active = coalesce(:is_active, is_active),
    updated_by = :actor, updated_at = now()
WHERE id = :id
""")
CLEAR_PRICES: Final = text("DELETE FROM shipping_prices WHERE method_id = :id")
INSERT_PRICES: Final = text("""
INSERT INTO shipping_prices (method_id, country, region, price_minor, free_from_minor)
SELECT :id, country, region, price_minor, free_from_minor FROM unnest(
    CAST(:countries AS text[]), CAST(:regions AS text[]), CAST(:prices AS bigint[]), CAST(:frees AS bigint[])
) AS p (country, region, price_minor, free_from_minor)
""")
DELETE: Final = text("DELETE FROM shipping_methods WHERE id = :id")


async def list_shipping_methods(
    database: Database, page: int, page_size: int, *, inactive_too: bool, to: Place | None = None
) -> tuple[list[ShippingMethod], int]:
    """Read one page (from 1) by id, and the count of all; `to` leaves those that go there, with the price for there."""
    chosen: dict[str, Any] = {
        "inactive_too": inactive_too,
        "country": None if to is None else to.country,
        "region": None if to is None else to.region,
    }
    paging = page_bounds(page, page_size)
    async with translated_errors(), database.reads.connect() as connection:
        count = (await connection.execute(COUNT, chosen)).scalar_one()
        rows = (await connection.execute(PAGE, chosen | paging)).mappings().all()
    return [_priced_for(_method(row), to) for row in rows], count


async def read_shipping_method(database: Database, method_id: int) -> ShippingMethod:
    """Read one, active or not; raises NotFound."""
    async with translated_errors(), database.reads.connect() as connection:
        return await _one(connection, method_id)


async def create_shipping_method(database: Database, new: NewShippingMethod, actor: Actor) -> ShippingMethod:
    """Write a method with its prices; raises InvalidInput with every faulty field."""
    prices = _normalised(new.prices)
    faults = _faults({"code": new.code, "name": new.name, "prices": prices})
    if faults:
        raise InvalidInput(faults)
    values = {"code": new.code, "name": new.name, "is_active": new.is_active, "actor": actor.name}

    async def create(unit: UnitOfWork) -> int:
        try:
            method_id = int((await unit.connection.execute(INSERT, values)).scalar_one())
        except IntegrityError as error:
            raise InvalidInput([FieldFault("code", "another shipping method has it")]) from error
        await _write_prices(unit.connection, method_id, prices)
        details = {"code": new.code, "name": new.name, "is_active": new.is_active, "prices": prices}
        await _finish(unit.connection, actor, "create", method_id, details)
        return method_id

    return await read_shipping_method(database, await in_unit_of_work(database, create))


async def change_shipping_method(
    database: Database, method_id: int, changes: ShippingMethodChanges, actor: Actor
) -> ShippingMethod:
    """Apply the changes, for every order locked after the commit; raises NotFound, InvalidInput."""
    given = given_fields(changes)
    prices = None if changes.prices is UNSET else _normalised(changes.prices)
    faults = _faults(given if prices is None else given | {"prices": prices})
    if faults:
        raise InvalidInput(faults)
    values = {"name": given.get("name"), "is_active": given.get("is_active"), "id": method_id, "actor": actor.name}

    async def change(unit: UnitOfWork) -> None:
        before = await _locked(unit.connection, method_id)
        details = changes_between(before, given if prices is None else given | {"prices": prices})
        if not details:
            return
        await unit.connection.execute(UPDATE, values)
        if prices is not None:
            await unit.connection.execute(CLEAR_PRICES, {"id": method_id})
            await _write_prices(unit.connection, method_id, prices)
        await _finish(unit.connection, actor, "change", method_id, details)

    await in_unit_of_work(database, change)
    return await read_shipping_method(database, method_id)


async def delete_shipping_method(database: Database, method_id: int, actor: Actor) -> None:
    """Take it away for good; raises NotFound. Orders keep its code and what it cost."""

    async def delete(unit: UnitOfWork) -> None:
        before = await _locked(unit.connection, method_id)
        await unit.connection.execute(DELETE, {"id": method_id})
        await _finish(unit.connection, actor, "delete", method_id, before)

    await in_unit_of_work(database, delete)


async def _one(connection: AsyncConnection, method_id: int) -> ShippingMethod:
    row = (await connection.execute(ONE, {"id": method_id})).mappings().one_or_none()
    if row is None:
        raise NotFound("shipping method", str(method_id))
    return _method(row)


async def _locked(connection: AsyncConnection, method_id: int) -> dict[str, Any]:
    """Lock the method, and then read what may change of it; raises NotFound."""
    await connection.execute(LOCK, {"id": method_id})
    method = await _one(connection, method_id)
    return {"code": method.code, "name": method.name, "is_active": method.is_active, "prices": method.prices}


async def _finish(
    connection: AsyncConnection, actor: Actor, verb: str, method_id: int, details: Mapping[str, Any]
) -> None:
    """Put the change into effect and on record."""
    await mark_tariff_changed(connection)
    deed = Deed(action=f"shipping-method.{verb}", subject=f"shipping-method:{method_id}", details=details)
    await record(connection, actor, deed)


async def _write_prices(connection: AsyncConnection, method_id: int, prices: Sequence[ShippingPrice]) -> None:
    values = {
        "id": method_id,
        "countries": [each.country for each in prices],
        "regions": [each.region for each in prices],
        "prices": [each.price_minor for each in prices],
        "frees": [each.free_from_minor for each in prices],
    }
    await connection.execute(INSERT_PRICES, values)


def _normalised(prices: Sequence[ShippingPrice]) -> list[ShippingPrice]:
    places = [place_named(each.country, each.region) for each in prices]
    return [
        msgspec.structs.replace(each, country=place.country, region=place.region)
        for each, place in zip(prices, places, strict=True)
    ]


def _faults(given: Mapping[str, Any]) -> list[FieldFault]:
    faults = []
    if "code" in given and not (CODE.fullmatch(given["code"]) and len(given["code"]) <= MAX_CODE):
        faults.append(FieldFault("code", f"takes at most {MAX_CODE} of a-z and 0-9, joined by hyphens"))
    if "name" in given and not (0 < len(given["name"]) <= MAX_NAME and given["name"].isprintable()):
        faults.append(FieldFault("name", f"takes 1 to {MAX_NAME} printable characters"))
    return faults + _price_faults(given.get("prices", []))


def _price_faults(prices: Sequence[ShippingPrice]) -> list[FieldFault]:
    if len(prices) > MAX_PRICES:
        return [FieldFault("prices", f"takes at most {MAX_PRICES} places")]
    faults = []
    seen = set()
    for position, each in enumerate(prices):
        place, path = place_named(each.country, each.region), f"prices[{position}]."
        faults += place_faults(place, path)
        if place in seen:
            faults.append(FieldFault(f"{path}country", "is the place of an earlier price"))
        if not 0 <= each.price_minor <= MAX_MINOR_UNITS:
            faults.append(FieldFault(f"{path}price", "is out of range"))
        seen.add(place)
    return faults


def _priced_for(method: ShippingMethod, to: Place | None) -> ShippingMethod:
    if to is None:
        return method
    price = narrowest_price(by_place(method.prices), to)
    return msgspec.structs.replace(method, prices=[] if price is None else [price])


def _method(row: Mapping[Any, Any]) -> ShippingMethod:
    columns = dict(row)
    prices = msgspec.json.decode(columns.pop("prices"), type=list[ShippingPrice])
    return ShippingMethod(record=ChangeRecord.taken_from(columns), prices=prices, **columns)
