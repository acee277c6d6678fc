"""Creates, changes and deletes one product on behalf of staff; called by the API's product handlers."""

from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType
from psycopg.types.json import Jsonb
from sqlalchemy import Row, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.actor import Actor
from order_service.audit.trail import Deed, changes_between, record
from order_service.catalog.mark_changed import mark_changed
from order_service.catalog.opening_stock import opening_stock_faults, receive_opening_stock
from order_service.catalog.product_row import find_category, normalized, sku_faults
from order_service.catalog.product_rules import product_faults
from order_service.catalog.products import Product, read_product
from order_service.database.engine import Database
from order_service.errors import FieldFault, InvalidInput, NotFound
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.given_fields import given_fields
from schemas.ids import ProductId


class NewProduct(msgspec.Struct, frozen=True, kw_only=True):
    """A product to be; `category` is an id, a slug or a name, `stock` goes on hand in the lowest-id store."""

    title: str
    price_minor: int
    category: int | str
    sku: str | None = None
    description: str = ""
    brand: str | None = None
    group_id: str | None = None
    gtin: str | None = None
    mpn: str | None = None
    image_link: str | None = None
    attributes: dict[str, Any] = {}
    stock: int | None = None


class ProductChanges(msgspec.Struct, frozen=True, kw_only=True):
    """The fields to change; what is UNSET stays as it is, `attributes` are replaced as a whole."""

    title: str | UnsetType = UNSET
    price_minor: int | UnsetType = UNSET
    category: int | str | UnsetType = UNSET
    sku: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    brand: str | UnsetType | None = UNSET
    group_id: str | UnsetType | None = UNSET
    gtin: str | UnsetType | None = UNSET
    mpn: str | UnsetType | None = UNSET
    image_link: str | UnsetType | None = UNSET
    attributes: dict[str, Any] | UnsetType = UNSET


INSERT: Final = text(
    """
    WITH fresh AS MATERIALIZED (
        SELECT nextval(pg_get_serial_sequence('products', 'id')) AS id
    ), written AS (
        INSERT INTO products (id, sku, title, description, price_minor, category_id, brand, group_id, gtin, mpn,
            image_link, attributes)
        OVERRIDING SYSTEM VALUE
        SELECT fresh.id, coalesce(:sku, 'P-' || fresh.id), :title, :description, :price_minor, :category_id, :brand,
            :group_id, :gtin, :mpn, :image_link, :attributes
        FROM fresh
        ON CONFLICT (sku) DO UPDATE SET title = excluded.title, description = excluded.description,
            price_minor = excluded.price_minor, category_id = excluded.category_id, brand = excluded.brand,
            group_id = excluded.group_id, gtin = excluded.gtin, mpn = excluded.mpn,
            image_link = excluded.image_link, attributes = excluded.attributes,
            created_at = now(), updated_at = now(), deleted_at = NULL, version = products.version + 1
        WHERE products.deleted_at IS NOT NULL AND :sku IS NOT NULL
        RETURNING id
    ), marked AS (
        INSERT INTO product_changes (product_id, request_id) SELECT id, :request_id FROM written
    )
    SELECT id FROM written
    """
)
LOCK: Final = text("SELECT * FROM products WHERE id = :id AND deleted_at IS NULL FOR NO KEY UPDATE")
UPDATE: Final = text(
    """
    UPDATE products SET sku = :sku, title = :title, description = :description, price_minor = :price_minor,
        category_id = :category_id, brand = :brand, group_id = :group_id, gtin = :gtin, mpn = :mpn,
        image_link = :image_link, attributes = :attributes
    WHERE id = :id
    """
)
DELETE: Final = text("UPDATE products SET deleted_at = now() WHERE id = :id")
SKU_ATTEMPTS: Final = 5
WRITTEN: Final = (
    "sku", "title", "description", "price_minor", "category_id", "brand", "group_id", "gtin", "mpn", "image_link",
    "attributes",
)  # fmt: skip


async def create_product(database: Database, new: NewProduct, actor: Actor) -> Product:
    """Write the product and mark it; raises InvalidInput with every faulty field (price faults name `price`).

    The SKU of a deleted product may be used again: that product comes back under its id, with what stock it had.
    """
    fields = normalized(msgspec.structs.asdict(new))

    async def create(unit: UnitOfWork) -> ProductId:
        connection = unit.connection
        faults = product_faults({name: value for name, value in fields.items() if value is not None})
        fields["category_id"], unknown = await find_category(connection, new.category)
        faults += unknown + await sku_faults(connection, fields["sku"], None)
        faults += await opening_stock_faults(connection, new.stock)
        if faults:
            raise InvalidInput(faults)
        product_id = await _insert(connection, fields, actor)
        if new.stock:
            await receive_opening_stock(connection, product_id, new.stock, actor)
        made = {name: value for name, value in fields.items() if value not in (None, "", {})}
        await record(connection, actor, Deed(action="product.create", subject=f"product:{product_id}", details=made))
        return product_id

    return await read_product(database, await in_unit_of_work(database, create))


async def change_product(database: Database, product_id: ProductId, changes: ProductChanges, actor: Actor) -> Product:
    """Apply the changes; the version rises by one, or not at all when nothing differs.

    Raises NotFound, and InvalidInput with every faulty field.
    """
    fields = normalized(given_fields(changes))

    async def change(unit: UnitOfWork) -> None:
        before = await _lock(unit.connection, product_id)
        await _resolve_changes(unit.connection, product_id, fields)
        after = {name: fields.get(name, getattr(before, name)) for name in WRITTEN}
        if _is_same(after, before):
            return
        values = after | {"id": product_id, "attributes": Jsonb(after["attributes"])}
        await _update(unit.connection, values)
        await mark_changed(unit.connection, [product_id], actor.request_id)
        details = changes_between(dict(before._mapping), after)  # noqa: SLF001 - SQLAlchemy's documented name
        await record(
            unit.connection, actor, Deed(action="product.change", subject=f"product:{product_id}", details=details)
        )

    await in_unit_of_work(database, change)
    return await read_product(database, product_id)


async def delete_product(database: Database, product_id: ProductId, actor: Actor) -> int:
    """Take the product out of the shop (orders keep it) and return its last version; raises NotFound."""

    async def delete(unit: UnitOfWork) -> int:
        await _lock(unit.connection, product_id)
        await unit.connection.execute(DELETE, {"id": product_id})
        versions = await mark_changed(unit.connection, [product_id], actor.request_id)
        await record(unit.connection, actor, Deed(action="product.delete", subject=f"product:{product_id}"))
        return versions[product_id]

    return await in_unit_of_work(database, delete)


def _is_same(after: dict[str, Any], before: Row[Any]) -> bool:
    """Compare as JSON, where 1 and true differ as they do in the index."""
    return all(
        msgspec.json.encode(after[name], order="sorted") == msgspec.json.encode(getattr(before, name), order="sorted")
        for name in WRITTEN
    )


async def _insert(connection: AsyncConnection, fields: dict[str, Any], actor: Actor) -> ProductId:
    """Insert and mark under the SKU given, or under `P-<id>`, trying the next id where that is taken."""
    values = {name: fields[name] for name in WRITTEN}
    values |= {"attributes": Jsonb(fields["attributes"]), "request_id": actor.request_id}
    for _ in range(SKU_ATTEMPTS):
        product_id = (await connection.execute(INSERT, values)).scalar()
        if product_id is not None:
            return ProductId(product_id)
    raise InvalidInput([FieldFault("sku", "another product has it")])


async def _update(connection: AsyncConnection, values: dict[str, Any]) -> None:
    try:
        await connection.execute(UPDATE, values)
    except IntegrityError as error:  # two products were given the same SKU at the same moment
        raise InvalidInput([FieldFault("sku", "another product has it")]) from error


async def _lock(connection: AsyncConnection, product_id: ProductId) -> Row[Any]:
    row = (await connection.execute(LOCK, {"id": product_id})).one_or_none()
    if row is None:
        raise NotFound("product", str(product_id))
    return row


async def _resolve_changes(connection: AsyncConnection, product_id: ProductId, fields: dict[str, Any]) -> None:
    """Check the changed fields and put `category_id` in the place of `category`; raises InvalidInput."""
    faults = product_faults(fields)
    if "category" in fields:
        fields["category_id"], unknown = await find_category(connection, fields["category"])
        faults += unknown
    if "sku" in fields:
        faults += await sku_faults(connection, fields["sku"], product_id)
    if faults:
        raise InvalidInput(faults)
