"""Clicks over HTTP."""

import uuid

import pytest

from tests.integration.api.conftest import V1, Api

pytestmark = pytest.mark.servers


async def test_a_click_of_an_unknown_search_is_taken_in_silence(api: Api) -> None:
    click = {"query_id": str(uuid.uuid4()), "product_id": 1, "position": 1}
    answer = await api.post(f"{V1}/clicks", click)
    assert (answer.status, answer.body) == (204, b"")


async def test_every_faulty_field_is_named(api: Api) -> None:
    answer = await api.post(f"{V1}/clicks", {"query_id": "x", "product_id": 0, "position": -1, "user": 3})
    assert answer.faulty_fields() == {"query_id", "product_id", "position", "user"}
    assert (await api.post(f"{V1}/clicks", {})).faulty_fields() == {"query_id", "product_id", "position"}
    assert (await api.get(f"{V1}/clicks")).problem(405, "method-not-allowed")
