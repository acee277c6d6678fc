"""Health over HTTP."""

import asyncio

import pytest

from api.handlers.health import state_of
from order_service.errors import Unavailable
from tests.integration.api.conftest import Api

pytestmark = pytest.mark.servers


async def test_a_process_that_runs_says_so(api: Api) -> None:
    for path in ("/health", "/health/", "/health/live"):
        assert (await api.get(path)).json == {"status": "ok"}


async def test_readiness_names_each_dependency(api: Api) -> None:
    ready = await api.get("/health/ready")
    assert ready.status == 200
    assert ready.json["dependencies"].keys() == {"postgres", "elasticsearch", "redis"}
    assert ready.json["dependencies"]["postgres"] == ready.json["dependencies"]["redis"] == "ok"


async def test_a_dependency_that_fails_or_hangs_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail() -> None:
        raise Unavailable

    monkeypatch.setattr("api.handlers.health.PROBE_S", 0.01)
    assert await state_of(fail) == "away: Unavailable"
    assert await state_of(asyncio.Event().wait) == "no answer in time"
