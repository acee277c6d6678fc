"""Stores over HTTP."""

import pytest

from tests.integration.api.conftest import V1, Api

pytestmark = pytest.mark.servers


async def test_a_store_is_opened_changed_and_closed(api: Api, staff: Api) -> None:
    made = await staff.post(f"{V1}/stores", {"name": "Harbour", "city": "Klaipėda", "latitude": 55.7, "longitude": 21})
    store = made.json
    assert (made.status, made.headers["Location"]) == (201, f"{V1}/stores/{store['id']}")
    changed = await staff.call("PATCH", f"{V1}/stores/{store['id']}", {"city": "Vilnius", "latitude": None})
    assert (changed.json["city"], changed.json["latitude"], changed.json["name"]) == ("Vilnius", None, "Harbour")
    assert (await api.get(f"{V1}/stores/{store['id']}")).json == changed.json
    assert (await staff.call("DELETE", f"{V1}/stores/{store['id']}")).status == 204
    (await api.get(f"{V1}/stores/{store['id']}")).problem(404, "not-found")


async def test_faults_are_named(staff: Api) -> None:
    body = {"latitude": 91, "longitude": "east", "open": True}
    assert (await staff.post(f"{V1}/stores", body)).faulty_fields() == {"name", "latitude", "longitude", "open"}


async def test_stores_are_listed_for_everybody(api: Api, store_id: int) -> None:
    listed = (await api.get(f"{V1}/stores?page_size=100")).json
    assert store_id in [each["id"] for each in listed["results"]]
