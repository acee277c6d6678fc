"""`/stores/{id}/inventory`: what a store has, as a bare array; staff set its levels."""

from typing import ClassVar
from urllib.parse import urlencode

import msgspec
from msgspec import UNSET

from api.access import Access, Rule
from api.handler import ApiHandler
from api.rate_limits.scopes import CATALOG, CATALOG_ADMIN_WRITE
from api.rendering.inventory import inventory_row_body, level_body
from api.routing import Route
from order_service.errors import FieldFault, InvalidInput
from order_service.stock.levels import (
    InventoryFilter,
    LevelChange,
    set_level,
    store_inventory,
    stream_store_inventory,
)
from schemas.http_api.stores import LevelChangeBody
from schemas.ids import ProductId, StoreId


class Inventory(ApiHandler):
    """One store's inventory: whole and streamed, or paged with `Link` when `page` or `page_size` is given."""

    rules: ClassVar = {"GET": Rule(Access.ANYONE, (CATALOG,))}

    async def get(self, store_id: str) -> None:
        """List products with what is available of each."""
        parameters = self.parameters()
        wanted = InventoryFilter(q=parameters.text("q"), in_stock=parameters.boolean("in_stock"))
        paged = parameters.is_given("page") or parameters.is_given("page_size")
        page, page_size = parameters.page()
        parameters.finish()
        if paged:
            await self._answer_page(StoreId(int(store_id)), wanted, page, page_size)
        else:
            await self._stream(StoreId(int(store_id)), wanted)

    async def _answer_page(self, store_id: StoreId, wanted: InventoryFilter, page: int, page_size: int) -> None:
        rows, count = await store_inventory(self.dependencies.database, store_id, wanted, page, page_size)
        links = page_links(self.request.path, _given(wanted), page, page_size, count)
        if links:
            self.set_header("Link", links)
        self.set_header("X-Total-Count", str(count))
        self.answer([inventory_row_body(row, self.currency) for row in rows])

    async def _stream(self, store_id: StoreId, wanted: InventoryFilter) -> None:
        """Write each batch as it comes; a store that does not exist fails before the first byte."""
        before = b"["
        async for rows in stream_store_inventory(self.dependencies.database, store_id, wanted):
            self.set_header("Content-Type", "application/json; charset=utf-8")
            for row in rows:
                self.write(before + msgspec.json.encode(inventory_row_body(row, self.currency)))
                before = b","
            await self.flush()
        self.set_header("Content-Type", "application/json; charset=utf-8")
        await self.finish(b"]" if before == b"," else b"[]")


class InventoryLevel(ApiHandler):
    """One product's level at one store."""

    rules: ClassVar = {"PUT": Rule(Access.STAFF, (CATALOG_ADMIN_WRITE,))}

    async def put(self, store_id: str, product_id: str) -> None:
        """Set or adjust the level."""
        change = level_change(self.body(LevelChangeBody))
        store, product = StoreId(int(store_id)), ProductId(int(product_id))
        level = await set_level(self.dependencies.database, store, product, change, self.actor)
        self.send_index_token({product: level.product_version})
        self.answer(level_body(level))


def level_change(body: LevelChangeBody) -> LevelChange:
    """Turn the body into what the use case takes; raises InvalidInput unless exactly one way is given."""
    if body.on_hand is UNSET and body.adjust_by is UNSET:
        raise InvalidInput(
            [FieldFault(name, "one of on_hand and adjust_by is required") for name in ("on_hand", "adjust_by")]
        )
    if body.on_hand is not UNSET and body.adjust_by is not UNSET:
        raise InvalidInput([FieldFault("adjust_by", "cannot be given beside on_hand")])
    return LevelChange(
        on_hand=None if body.on_hand is UNSET else body.on_hand,
        adjust_by=None if body.adjust_by is UNSET else body.adjust_by,
        reason=body.reason,
    )


def page_links(path: str, parameters: dict[str, str], page: int, page_size: int, count: int) -> str:
    """Give the `Link` field (RFC 8288) to the first, previous, next and last page."""
    last = max(1, -(-count // page_size))
    pages = {"first": 1, "prev": page - 1, "next": page + 1, "last": last}
    return ", ".join(
        f'<{path}?{urlencode({**parameters, "page": number, "page_size": page_size})}>; rel="{relation}"'
        for relation, number in pages.items()
        if 1 <= number <= last
    )


def _given(wanted: InventoryFilter) -> dict[str, str]:
    given = {"q": wanted.q, "in_stock": None if wanted.in_stock is None else str(wanted.in_stock).lower()}
    return {name: value for name, value in given.items() if value is not None}


ROUTES = [
    Route("/api/v1/stores/{store_id}/inventory", Inventory),
    Route("/api/v1/stores/{store_id}/inventory/{product_id}", InventoryLevel),
]
