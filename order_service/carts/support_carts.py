"""What staff see of carts and do to them for shoppers; called by the API.

Staff reach every open cart, by its id, and change it under the same locks and rules as its owner; each
deed is in the audit trail.
"""

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.actor import Actor
from order_service.audit.trail import Deed, record
from order_service.carts.cart import Cart, CartOwner, OpenCart
from order_service.carts.change_items import in_cart_change
from order_service.carts.close_cart import abandon_in, clear_in
from order_service.carts.hold_stock import Holding
from order_service.carts.lock_carts import items_of, lock_open_carts, lock_or_create_cart
from order_service.carts.merge_carts import merge_in
from order_service.carts.read_cart import cart_in
from order_service.database.engine import Database, translated_errors
from order_service.database.paging import page_bounds
from order_service.errors import Conflict, FieldFault, InvalidInput, NotFound
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.ids import CartId, UserId
from schemas.shop_settings import CartSettings

STATUSES = ("OPEN", "CHECKED_OUT", "ABANDONED", "MERGED")

CHOSEN = """
FROM carts WHERE (CAST(:status AS text) IS NULL OR status = :status)
  AND (CAST(:user_id AS bigint) IS NULL OR user_id = :user_id)
"""
COUNT = text(f"SELECT count(*) {CHOSEN}")
PAGE = text(
    f"SELECT id, status, user_id, store_id, created_at, active_at {CHOSEN} "
    "ORDER BY active_at DESC, id DESC LIMIT :limit OFFSET :offset"
)
OWNER = text("SELECT user_id, session_digest FROM carts WHERE id = :id")
HAS_USER = text("SELECT EXISTS (SELECT FROM users WHERE id = :id)")


class CartFilter(msgspec.Struct, frozen=True):
    """Which carts to list; None means any."""

    status: str | None = None
    user_id: UserId | None = None


async def list_carts(database: Database, chosen: CartFilter, *, page: int, page_size: int) -> tuple[list[Cart], int]:
    """Read one page (from 1) of carts with their items, the last changed first; and the number of all."""
    values = msgspec.structs.asdict(chosen)
    paging = page_bounds(page, page_size)
    async with translated_errors(), database.reads.connect() as connection:
        count = (await connection.execute(COUNT, values)).scalar_one()
        rows = (await connection.execute(PAGE, values | paging)).mappings().all()
        items = await items_of(connection, [row["id"] for row in rows])
    return [Cart(**row, items=items[row["id"]]) for row in rows], count


async def clear_for(database: Database, cart_id: CartId, actor: Actor, reason: str = "") -> Cart:
    """Empty somebody's open cart; commits with an entry in the audit trail.

    Raises NotFound, Conflict when it is closed, Unavailable.
    """

    async def work(unit: UnitOfWork) -> Cart:
        cart = await _locked(unit.connection, cart_id)
        await record(unit.connection, actor, _deed("cart.clear", cart_id, reason))
        return await clear_in(unit.connection, cart, actor.request_id)

    return await in_unit_of_work(database, work)


async def abandon_for(database: Database, cart_id: CartId, actor: Actor, reason: str = "") -> Cart:
    """Close somebody's open cart; commits with an entry in the audit trail. Raises as `clear_for` does."""

    async def work(unit: UnitOfWork) -> Cart:
        cart = await _locked(unit.connection, cart_id)
        await record(unit.connection, actor, _deed("cart.abandon", cart_id, reason))
        return await abandon_in(unit.connection, cart, actor.request_id)

    return await in_unit_of_work(database, work)


async def merge_for(  # noqa: PLR0913, PLR0917 - what into what, by whose rules, by whom and why
    database: Database, cart_id: CartId, user_id: UserId, settings: CartSettings, actor: Actor, reason: str = ""
) -> Cart:
    """Bring somebody's open cart into the user's, as `merge_guest_cart` does, and give that; commits with an entry.

    Raises InvalidInput for an unknown user and for the cart's own, CartShort, and what `clear_for` raises.
    """
    user = CartOwner(user_id=user_id)
    holding = Holding(settings.reservation_minutes, actor.request_id, required=None)

    async def work(unit: UnitOfWork) -> Cart:
        owner = await _owner_of(unit.connection, cart_id)
        if owner == user or not (await unit.connection.execute(HAS_USER, {"id": user_id})).scalar_one():
            raise InvalidInput([FieldFault("user_id", "owns this cart" if owner == user else "is not a user")])
        carts = await lock_or_create_cart(unit.connection, user, [owner])
        merged = _still_open(carts.get(owner.name), cart_id)
        deed = _deed("cart.merge", cart_id, reason, user_id=user_id, into=str(carts[user.name].id))
        await record(unit.connection, actor, deed)
        await merge_in(unit.connection, carts[user.name], merged, holding, settings)
        return await cart_in(unit.connection, carts[user.name].id)

    return await in_cart_change(database, work)


async def _locked(connection: AsyncConnection, cart_id: CartId) -> OpenCart:
    owner = await _owner_of(connection, cart_id)
    return _still_open((await lock_open_carts(connection, [owner])).get(owner.name), cart_id)


async def _owner_of(connection: AsyncConnection, cart_id: CartId) -> CartOwner:
    """Say whose the cart is, which never changes; a later statement locks it."""
    row = (await connection.execute(OWNER, {"id": cart_id})).one_or_none()
    if row is None:
        raise NotFound("cart", str(cart_id))
    return CartOwner(user_id=row.user_id, session=row.session_digest)


def _still_open(cart: OpenCart | None, cart_id: CartId) -> OpenCart:
    if cart is None or cart.id != cart_id:
        raise Conflict("the cart is closed")
    return cart


def _deed(action: str, cart_id: CartId, reason: str, **details: object) -> Deed:
    return Deed(action=action, subject=f"cart:{cart_id}", details=details, reason=reason)
