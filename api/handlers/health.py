"""`/health`: whether the process runs, and whether what it needs answers."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, cast

from redis.exceptions import RedisError

from api.access import Access, Rule
from api.handler import ApiHandler
from api.routing import Route
from order_service.database.probe import probe
from order_service.errors import OrderServiceError
from search_indexer.errors import SearchError

PROBE_S = 2.0
REQUIRED = ("postgres",)
"""What nothing stands in for: without Elasticsearch orders go on, without Redis everything does."""


class Health(ApiHandler):
    """Whether the process answers."""

    rules: ClassVar = {"GET": Rule(Access.ANYONE)}
    is_counted = False

    async def get(self) -> None:
        """Say ok."""
        self.answer({"status": "ok"})


class Ready(ApiHandler):
    """Whether the process can serve: each dependency with its state."""

    rules: ClassVar = {"GET": Rule(Access.ANYONE)}
    is_counted = False

    async def get(self) -> None:
        """Ask each dependency, at most 2 s; 503 when one is away that nothing stands in for."""
        probes = {
            "postgres": lambda: probe(self.dependencies.database),
            "elasticsearch": self.dependencies.search.ping,
            "redis": self._redis,
        }
        states = await asyncio.gather(*(state_of(probe) for probe in probes.values()))
        found = dict(zip(probes, states, strict=True))
        is_ready = all(found[name] == "ok" for name in REQUIRED)
        status = "ok" if all(state == "ok" for state in states) else "degraded" if is_ready else "unavailable"
        self.set_header("Cache-Control", "no-store")
        if not is_ready:
            self.set_header("Retry-After", "1")
        self.answer({"status": status, "dependencies": found}, 200 if is_ready else 503)

    async def _redis(self) -> None:
        await cast("Awaitable[Any]", self.dependencies.redis.ping())


async def state_of(ask: Callable[[], Awaitable[object]]) -> str:
    """Say `ok`, or in a few words why not."""
    try:
        await asyncio.wait_for(ask(), PROBE_S)
    except TimeoutError:
        return "no answer in time"
    except (OrderServiceError, SearchError, RedisError, OSError) as error:
        return f"away: {type(error).__name__}"
    return "ok"


ROUTES = [
    Route("/health", Health),
    Route("/health/live", Health),
    Route("/health/ready", Ready),
]
