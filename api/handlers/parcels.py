"""`/orders/{order_id}/parcels`: recorded by staff, followed by who may see the order."""

from typing import ClassVar
from uuid import UUID

import msgspec

from api.access import Access, Rule
from api.handler import ApiHandler
from api.handlers.orders import shown_order
from api.rate_limits.scopes import ORDERS
from api.routing import Route
from order_service.orders.parcels import NewParcel, PackedLine, Parcel, add_parcel, delete_parcel, list_parcels
from schemas.http_api.parcels import NewParcelBody, PackedLineBody, ParcelBody
from schemas.ids import OrderId

WRITE = Rule(Access.STAFF, (ORDERS,))


class Parcels(ApiHandler):
    """The parcels of one order."""

    rules: ClassVar = {"GET": Rule(Access.ANYONE), "POST": WRITE}

    async def get(self, order_id: str) -> None:
        """List them, oldest first, as a bare array."""
        self.parameters().finish()
        order = await shown_order(self, order_id)
        self.answer([parcel_body(each) for each in await list_parcels(self.dependencies.database, order.id)])

    async def post(self, order_id: str) -> None:
        """Record one."""
        new = new_parcel(self.body(NewParcelBody))
        parcel = await add_parcel(self.dependencies.database, OrderId(UUID(order_id)), new, self.actor)
        self.answer_created(parcel_body(parcel), f"/api/v1/orders/{order_id}/parcels")


class OneParcel(ApiHandler):
    """One parcel by its id."""

    rules: ClassVar = {"DELETE": WRITE}

    async def delete(self, order_id: str, parcel_id: str) -> None:
        """Take back what was entered by mistake."""
        await delete_parcel(self.dependencies.database, OrderId(UUID(order_id)), int(parcel_id), self.actor)
        self.set_status(204)


def new_parcel(body: NewParcelBody) -> NewParcel:
    """Read a parcel to be."""
    lines = None if body.lines is None else [PackedLine(each.line, each.quantity) for each in body.lines]
    return NewParcel(
        carrier=body.carrier,
        tracking_number=body.tracking_number,
        tracking_link=body.tracking_link,
        lines=lines,
    )


def parcel_body(parcel: Parcel) -> ParcelBody:
    """Render one parcel; who recorded it is not shown."""
    return ParcelBody(
        id=parcel.id,
        carrier=parcel.carrier,
        tracking_number=parcel.tracking_number,
        tracking_link=parcel.tracking_link,
        lines=[PackedLineBody(**msgspec.structs.asdict(each)) for each in parcel.lines],
        created_at=parcel.created_at,
    )


ROUTES = [
    Route("/api/v1/orders/{order_id}/parcels", Parcels),
    Route("/api/v1/orders/{order_id}/parcels/{parcel_id}", OneParcel),
]
