"""Discount codes, kept by staff; called by the API. What they do to an order: `discount` and `discount_terms`."""

import re
from collections.abc import Mapping
from datetime import datetime
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
from order_service.errors import FieldFault, InvalidInput, NotFound, StillReferenced
from order_service.pricing.change_record import ChangeRecord
from order_service.pricing.discount_terms import MAX_CODE, normal_code
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.given_fields import given_fields
from schemas.ids import ProductId

CODE: Final = re.compile(r"[A-Z0-9](?:[A-Z0-9_-]*[A-Z0-9])?")
MAX_PRODUCTS: Final = 1_000
YEARS: Final = (1970, 9998)
"""Within them a moment can be written in every time zone."""


class NewDiscountCode(msgspec.Struct, frozen=True, kw_only=True):
    """A code to be: exactly one of `ppm` (millionths) and `amount_minor`; None is no bound and every product."""

    code: str
    ppm: int | None = None
    amount_minor: int | None = None
    product_ids: list[ProductId] | None = None
    min_items_minor: int = 0
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    max_uses: int | None = None
    max_uses_per_customer: int | None = None
    is_active: bool = True


class DiscountCodeChanges(msgspec.Struct, frozen=True, kw_only=True):
    """The fields to change; the code stays, and a given `ppm` takes the place of an amount, as the other way round."""

    ppm: int | UnsetType = UNSET
    amount_minor: int | UnsetType = UNSET
    product_ids: list[ProductId] | UnsetType | None = UNSET
    min_items_minor: int | UnsetType = UNSET
    valid_from: datetime | UnsetType | None = UNSET
    valid_until: datetime | UnsetType | None = UNSET
    max_uses: int | UnsetType | None = UNSET
    max_uses_per_customer: int | UnsetType | None = UNSET
    is_active: bool | UnsetType = UNSET


class DiscountCode(msgspec.Struct, frozen=True, kw_only=True):
    """One code with the uses that were not given back; `kind` is percent or fixed."""

    id: int
    code: str
    kind: str
    ppm: int
    amount_minor: int
    product_ids: list[ProductId] | None
    min_items_minor: int
    valid_from: datetime | None
    valid_until: datetime | None
    max_uses: int | None
    max_uses_per_customer: int | None
    is_active: bool
    uses: int
    record: ChangeRecord


COLUMNS: Final = """
SELECT id, code, kind, ppm, amount_minor, product_ids, min_items_minor, valid_from, valid_until, max_uses,
       max_uses_per_customer, is_active, uses, created_by, updated_by, created_at, updated_at FROM discount_codes
"""
COUNT: Final = text("SELECT count(*) FROM discount_codes WHERE CAST(:code AS text) IS NULL OR code = :code")
PAGE: Final = text(
    COLUMNS + "WHERE CAST(:code AS text) IS NULL OR code = :code ORDER BY id DESC LIMIT :limit OFFSET :offset"
)
ONE: Final = text(COLUMNS + "WHERE id = :id")
LOCK: Final = text(COLUMNS + "WHERE id = :id FOR NO KEY UPDATE")
KNOWN_PRODUCTS: Final = text("SELECT id FROM products WHERE id = ANY(CAST(:ids AS bigint[])) AND deleted_at IS NULL")
INSERT: Final = text("""
INSERT INTO discount_codes (code, kind, ppm, amount_minor, product_ids, min_items_minor, valid_from, valid_until,
    max_uses, max_uses_per_customer, is_active, created_by, updated_by)
VALUES (:code, :kind, :ppm, :amount_minor, CAST(:product_ids AS bigint[]), :min_items_minor, :valid_from, :valid_until,
    :max_uses, :max_uses_per_customer, :is_active, :actor, :actor)
RETURNING id
""")
UPDATE: Final = text("""
UPDATE discount_codes SET kind = :kind, ppm = :ppm, amount_minor = :amount_minor,
    product_ids = CAST(:product_ids AS bigint[]), min_items_minor = :min_items_minor, valid_from = :valid_from,
    valid_until = :valid_until, max_uses = :max_uses, max_uses_per_customer = :max_uses_per_customer,
    is_active = :is_active, updated_by = :actor, updated_at = now()
WHERE id = :id
""")
DELETE: Final = text("DELETE FROM discount_codes WHERE id = :id")
WAS_USED: Final = text("SELECT EXISTS (SELECT FROM discount_uses WHERE discount_id = :id)")


async def list_discount_codes(
    database: Database, code: str | None, page: int, page_size: int
) -> tuple[list[DiscountCode], int]:
    """Read one page (from 1), newest first, and the count of all; `code` narrows it to one."""
    chosen = {"code": None if code is None else normal_code(code)}
    paging = page_bounds(page, page_size)
    async with translated_errors(), database.reads.connect() as connection:
        count = (await connection.execute(COUNT, chosen)).scalar_one()
        rows = (await connection.execute(PAGE, chosen | paging)).mappings().all()
    return [_code(row) for row in rows], count


async def read_discount_code(database: Database, discount_id: int) -> DiscountCode:
    """Read one; raises NotFound."""
    async with translated_errors(), database.reads.connect() as connection:
        row = (await connection.execute(ONE, {"id": discount_id})).mappings().one_or_none()
    if row is None:
        raise NotFound("discount code", str(discount_id))
    return _code(row)


async def create_discount_code(database: Database, new: NewDiscountCode, actor: Actor) -> DiscountCode:
    """Write a code; raises InvalidInput with every faulty field."""
    given = msgspec.structs.asdict(new)
    given["code"] = normal_code(new.code)
    faults = _code_faults(given["code"]) + _worth_faults(new)
    values = given | _worth(new.ppm, new.amount_minor)

    async def create(unit: UnitOfWork) -> int:
        found = faults + discount_faults(values, 0) + await _product_faults(unit.connection, new.product_ids)
        if found:
            raise InvalidInput(found)
        try:
            discount_id = int((await unit.connection.execute(INSERT, {**values, "actor": actor.name})).scalar_one())
        except IntegrityError as error:
            raise InvalidInput([FieldFault("code", "another discount has it")]) from error
        await _record(unit.connection, actor, "create", discount_id, values)
        return discount_id

    return await read_discount_code(database, await in_unit_of_work(database, create))


async def change_discount_code(
    database: Database, discount_id: int, changes: DiscountCodeChanges, actor: Actor
) -> DiscountCode:
    """Apply the changes under the code's lock, so that no order uses it meanwhile; raises NotFound, InvalidInput."""
    given = given_fields(changes)
    if "ppm" in given and "amount_minor" in given:
        raise InvalidInput([FieldFault("amount", "cannot be given beside percent")])
    if "ppm" in given or "amount_minor" in given:
        given |= _worth(given.get("ppm"), given.get("amount_minor"))

    async def change(unit: UnitOfWork) -> None:
        row = (await unit.connection.execute(LOCK, {"id": discount_id})).mappings().one_or_none()
        if row is None:
            raise NotFound("discount code", str(discount_id))
        values = dict(row) | given
        faults = discount_faults(values, row["uses"])
        faults += await _product_faults(unit.connection, given.get("product_ids"))
        if faults:
            raise InvalidInput(faults)
        details = changes_between(dict(row), given)
        if details:
            await unit.connection.execute(UPDATE, {**values, "actor": actor.name})
            await _record(unit.connection, actor, "change", discount_id, details)

    await in_unit_of_work(database, change)
    return await read_discount_code(database, discount_id)


async def delete_discount_code(database: Database, discount_id: int, actor: Actor) -> None:
    """Take away a code that was never used; raises NotFound, StillReferenced (switch it off instead)."""

    async def delete(unit: UnitOfWork) -> None:
        row = (await unit.connection.execute(LOCK, {"id": discount_id})).one_or_none()
        if row is None:
            raise NotFound("discount code", str(discount_id))
        if (await unit.connection.execute(WAS_USED, {"id": discount_id})).scalar_one():
            raise StillReferenced("orders have used the code; set is_active to false instead")
        await unit.connection.execute(DELETE, {"id": discount_id})
        await _record(unit.connection, actor, "delete", discount_id, {"code": row.code})

    await in_unit_of_work(database, delete)


async def _record(
    connection: AsyncConnection, actor: Actor, verb: str, discount_id: int, details: Mapping[str, Any]
) -> None:
    await record(connection, actor, Deed(action=f"discount.{verb}", subject=f"discount:{discount_id}", details=details))


def discount_faults(values: Mapping[str, Any], uses: int) -> list[FieldFault]:
    """Check the window and the limits of a code that was used so often."""
    faults = []
    valid_from, valid_until = values["valid_from"], values["valid_until"]
    faults += [
        FieldFault(name, f"is not in a year from {YEARS[0]} to {YEARS[1]}")
        for name in ("valid_from", "valid_until")
        if values[name] is not None and not YEARS[0] <= values[name].year <= YEARS[1]
    ]
    if valid_from is not None and valid_until is not None and valid_from >= valid_until:
        faults.append(FieldFault("valid_until", "is not after valid_from"))
    if values["max_uses"] is not None and values["max_uses"] < uses:
        faults.append(FieldFault("max_uses", f"is below the {uses} uses there have been"))
    products = values["product_ids"]
    if products is not None and not 0 < len(products) <= MAX_PRODUCTS:
        faults.append(FieldFault("product_ids", f"takes 1 to {MAX_PRODUCTS} products, or null for all"))
    return faults


def _worth(ppm: int | None, amount_minor: int | None) -> dict[str, Any]:
    kind = "percent" if ppm is not None else "fixed"
    return {"kind": kind, "ppm": ppm or 0, "amount_minor": amount_minor or 0}


def _worth_faults(new: NewDiscountCode) -> list[FieldFault]:
    if (new.ppm is None) == (new.amount_minor is None):
        message = "is required, or amount instead of it" if new.ppm is None else "cannot be given beside amount"
        return [FieldFault("percent", message)]
    return []


def _code_faults(code: str) -> list[FieldFault]:
    if CODE.fullmatch(code) and len(code) <= MAX_CODE:
        return []
    return [FieldFault("code", f"takes at most {MAX_CODE} of A-Z, 0-9, hyphen and underscore")]


async def _product_faults(connection: AsyncConnection, product_ids: list[ProductId] | None) -> list[FieldFault]:
    if not product_ids:
        return []
    known = set((await connection.execute(KNOWN_PRODUCTS, {"ids": product_ids})).scalars())
    return [
        FieldFault(f"product_ids[{position}]", "is not a product on sale")
        for position, product_id in enumerate(product_ids[:MAX_PRODUCTS])
        if product_id not in known
    ]


def _code(row: Mapping[Any, Any]) -> DiscountCode:
    columns = dict(row)
    return DiscountCode(record=ChangeRecord.taken_from(columns), **columns)
