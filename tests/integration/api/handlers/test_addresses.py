"""The address book over HTTP."""

import asyncio
from typing import Any

import pytest

from tests.integration.api.conftest import V1, Api, Join

pytestmark = pytest.mark.servers

BOOK = f"{V1}/account/addresses"
HOME = {"name": "Ona", "line1": "Gedimino pr. 1", "city": "Vilnius", "country": "lt", "label": "Home"}


async def test_addresses_are_added_changed_and_deleted(customer: Api) -> None:
    made = await customer.post(BOOK, {**HOME, "line2": "Flat 4"})
    path = f"{BOOK}/{made.json['id']}"
    assert (made.status, made.headers["Location"]) == (201, path)
    assert (made.json["country"], made.json["is_default"], made.json["phone"]) == ("LT", True, "")
    changed = await customer.call("PATCH", path, {"line2": "", "phone": "+370 600 00000"})
    assert (changed.json["line2"], changed.json["phone"], changed.json["label"]) == ("", "+370 600 00000", "Home")
    assert (await customer.get(path)).json == changed.json
    assert (await customer.call("DELETE", path)).status == 204
    for method, body in (("GET", None), ("PATCH", {}), ("DELETE", None)):
        (await customer.call(method, path, body)).problem(404, "not-found")


async def test_one_address_is_the_default_however_many_are_made_so_at_once(customer: Api) -> None:
    await customer.made(BOOK, HOME)
    new = [customer.made(BOOK, {**HOME, "label": f"n{number}", "is_default": True}) for number in range(8)]
    last = (await asyncio.gather(*new))[0]
    await customer.call("PATCH", f"{BOOK}/{last['id']}", {"is_default": True})
    listed = (await customer.get(BOOK)).json
    assert (listed["count"], listed["results"][0]["id"]) == (9, last["id"])
    assert [each["is_default"] for each in listed["results"]] == [True] + [False] * 8


async def test_a_foreign_address_is_not_found_and_strangers_sign_in_first(api: Api, customer: Api, join: Join) -> None:
    path = f"{BOOK}/{(await customer.made(BOOK, HOME))['id']}"
    other, _ = await join("customer")
    for method, body in (("GET", None), ("PATCH", {"city": "Kaunas"}), ("DELETE", None)):
        (await other.call(method, path, body)).problem(404, "not-found")
    (await api.get(BOOK)).problem(401, "not-authenticated")
    assert (await other.get(BOOK)).json["count"] == 0


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"country": "Lithuania"}, {"country"}),
        ({"name": " ", "phone": "x", "label": "l" * 51}, {"name", "phone", "label"}),
        ({"city": "a\x07b", "street": "x"}, {"street"}),
        ({"city": "a\x07b"}, {"city"}),
    ],
)
async def test_faulty_addresses_are_refused_by_field(customer: Api, changed: dict[str, Any], fields: set[str]) -> None:
    assert (await customer.post(BOOK, {**HOME, **changed})).faulty_fields() == fields


async def test_a_book_has_an_end(customer: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("order_service.accounts.addresses.MAX_ADDRESSES", 3)
    answers = await asyncio.gather(*(customer.post(BOOK, HOME) for _ in range(8)))
    assert sorted(each.status for each in answers) == [201] * 3 + [409] * 5
    (await customer.post(BOOK, HOME)).problem(409, "conflict")
