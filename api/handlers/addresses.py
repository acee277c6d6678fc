"""`/account/addresses`: the caller's own address book."""

from typing import Any, ClassVar

import msgspec
from msgspec import UNSET

from api.access import Access, Rule
from api.handler import ApiHandler
from api.routing import Route
from order_service.accounts.addresses import (
    AddressEntry,
    SavedAddress,
    add_address,
    change_address,
    delete_address,
    list_addresses,
    read_address,
)
from schemas.http_api.addresses import AddressBody, AddressChangesBody, NewAddressBody
from schemas.http_api.lists import Page

OWNER = Rule(Access.CUSTOMER)


class Addresses(ApiHandler):
    """The whole book."""

    rules: ClassVar = {"GET": OWNER, "POST": OWNER}

    async def get(self) -> None:
        """List a page, the default first."""
        parameters = self.parameters()
        page, page_size = parameters.page()
        parameters.finish()
        found, count = await list_addresses(self.dependencies.database, self.caller.user_id, page, page_size)
        self.answer(Page(count, page, page_size, [address_body(each) for each in found]))

    async def post(self) -> None:
        """Add one."""
        entry = address_entry(self.body(NewAddressBody))
        saved = await add_address(self.dependencies.database, self.caller.user_id, entry)
        self.answer_created(address_body(saved), f"/api/v1/account/addresses/{saved.id}")


class OneAddress(ApiHandler):
    """One address by its id; somebody else's is as good as none."""

    rules: ClassVar = {"GET": OWNER, "PATCH": OWNER, "DELETE": OWNER}

    async def get(self, address_id: str) -> None:
        """Show it."""
        self.parameters().finish()
        saved = await read_address(self.dependencies.database, self.caller.user_id, int(address_id))
        self.answer(address_body(saved))

    async def patch(self, address_id: str) -> None:
        """Change the fields that the body names."""
        entry = address_entry(self.body(AddressChangesBody))
        saved = await change_address(self.dependencies.database, self.caller.user_id, int(address_id), entry)
        self.answer(address_body(saved))

    async def delete(self, address_id: str) -> None:
        """Take it out of the book."""
        await delete_address(self.dependencies.database, self.caller.user_id, int(address_id))
        self.set_status(204)


def address_entry(body: NewAddressBody | AddressChangesBody) -> AddressEntry:
    """Tell the fields of the address from what the owner says of it."""
    given: dict[str, Any] = msgspec.structs.asdict(body)
    label, is_default = given.pop("label"), given.pop("is_default")
    address = {name: value for name, value in given.items() if value is not UNSET}
    return AddressEntry(address=address, label=label, is_default=is_default)


def address_body(saved: SavedAddress) -> AddressBody:
    """Render one address for its owner."""
    fields = msgspec.structs.asdict(saved)
    return AddressBody(**fields.pop("address"), **fields)


ROUTES = [
    Route("/api/v1/account/addresses", Addresses),
    Route("/api/v1/account/addresses/{address_id}", OneAddress),
]
