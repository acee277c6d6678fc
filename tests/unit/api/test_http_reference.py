"""docs/reference/http-api.md against the route table and the table of earlier paths, both ways."""

import re
from pathlib import Path

from api.route_aliases import ALIASES
from api.routes import ROUTES

REFERENCE = (Path(__file__).resolve().parents[3] / "docs/reference/http-api.md").read_text(encoding="utf-8")
ROUTE_ROW = re.compile(r"^\| `([A-Z]+) (/[^`]*)` \| (\w+) \| ([^|]*) \| .+ \|$", re.MULTILINE)
ALIAS_ROW = re.compile(r"^\| `(/[^`]*)` \| `(/[^`]*)` \| (\w*) ?\|$", re.MULTILINE)


def test_every_served_method_is_listed_with_its_rule_and_nothing_else_is() -> None:
    served = {
        (method, route.template, rule.access.value, ", ".join(f"`{scope}`" for scope in rule.scopes))
        for route in ROUTES
        for method, rule in route.handler.rules.items()
    }
    assert {(method, path, who, scopes.strip()) for method, path, who, scopes in ROUTE_ROW.findall(REFERENCE)} == served


def test_every_earlier_path_is_listed_and_nothing_else_is() -> None:
    served = {(alias.earlier, alias.canonical, "earlier" if alias.shape else "") for alias in ALIASES}
    assert set(ALIAS_ROW.findall(REFERENCE)) == served
