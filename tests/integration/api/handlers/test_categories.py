"""Categories over HTTP."""

import uuid

import pytest

from tests.integration.api.conftest import V1, Api

pytestmark = pytest.mark.servers


async def test_a_category_is_made_moved_and_removed(api: Api, staff: Api) -> None:
    name = f"Cat {uuid.uuid4().hex[:8]}"
    root = await staff.made(f"{V1}/categories", {"name": name})
    child = await staff.made(f"{V1}/categories", {"name": "Inner", "parent_id": root["id"]})
    assert child["path_names"] == [name, "Inner"]
    (await staff.call("DELETE", f"{V1}/categories/{root['id']}")).problem(409, "still-referenced")

    moved = await staff.call("PATCH", f"{V1}/categories/{child['id']}", {"parent_id": None, "name": f"{name} 2"})
    assert (moved.status, moved.json["path_names"]) == (200, [f"{name} 2"])
    assert (await api.get(f"{V1}/categories/{child['id']}")).json == moved.json
    for each in (root, child):
        assert (await staff.call("DELETE", f"{V1}/categories/{each['id']}")).status == 204
        (await api.get(f"{V1}/categories/{each['id']}")).problem(404, "not-found")


async def test_the_list_is_paged(api: Api, category_id: int) -> None:
    page = (await api.get(f"{V1}/categories?page_size=1")).json
    assert page["count"] >= 1
    assert len(page["results"]) == 1
    assert category_id > 0


async def test_faults_are_named(staff: Api) -> None:
    body = {"name": "", "slug": "Not A Slug", "parent_id": "x", "colour": "red"}
    assert (await staff.post(f"{V1}/categories", body)).faulty_fields() == {"name", "slug", "parent_id", "colour"}
