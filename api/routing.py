"""Turns route templates such as `/api/v1/products/{product_id}` into Tornado's rules; called by `application`.

A trailing slash is optional everywhere. A path whose id is not of its kind is a path that does not exist.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tornado.routing import URLSpec

from api.dependencies import Dependencies
from api.handler import ApiHandler

UUID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
PARTS = {
    "order_id": UUID,
    "cart_id": UUID,
    "payment_id": UUID,
    "provider": "[a-z]{1,40}",
    "problem": "[a-z-]{1,60}",
}
NUMBER = "[0-9]{1,18}"


@dataclass(frozen=True, slots=True)
class Route:
    """One path template and what serves it; `earlier` asks for the shapes of earlier clients."""

    template: str
    handler: type[ApiHandler]
    earlier: bool = False

    @property
    def pattern(self) -> str:
        """The regular expression of the paths that this route serves."""
        parts = re.split(r"\{(\w+)\}", self.template.rstrip("/"))
        texts = [
            re.escape(part) if at % 2 == 0 else f"(?P<{part}>{PARTS.get(part, NUMBER)})"
            for at, part in enumerate(parts)
        ]
        return f"{''.join(texts)}/?$"


def url_specs(routes: Iterable[Route], dependencies: Dependencies) -> list[URLSpec]:
    """Give Tornado's rules in the order of the routes."""
    return [URLSpec(each.pattern, each.handler, _options(each, dependencies)) for each in routes]


def _options(route: Route, dependencies: Dependencies) -> dict[str, object]:
    return {"dependencies": dependencies, "template": route.template, "earlier": route.earlier}
