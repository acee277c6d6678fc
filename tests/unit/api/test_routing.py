"""Templates, patterns, and the table of earlier paths."""

import re

import pytest
from tornado.web import RequestHandler

from api.access import Access
from api.route_aliases import ALIASES, aliased_routes
from api.routes import ROUTES
from api.routing import Route

PATTERNS = {route.template: re.compile(route.pattern) for route in (*ROUTES, *aliased_routes())}
ORDER_ID = "01a1fe9c-9271-766c-a5ba-da2a8ec3be45"


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("/", "/"),
        ("/api/v1/products", "/api/v1/products"),
        ("/api/v1/products", "/api/v1/products/"),
        ("/api/v1/products/{product_id}", "/api/v1/products/12/"),
        ("/api/v1/orders/{order_id}", f"/api/v1/orders/{ORDER_ID}"),
        ("/api/v1/stores/{store_id}/inventory/{product_id}", "/api/v1/stores/1/inventory/2"),
        ("/problems/{problem}", "/problems/not-found"),
        ("/orders/store/{store_id}", "/orders/store/3/"),
    ],
)
def test_a_path_belongs_to_its_template_and_to_no_other(template: str, path: str) -> None:
    assert [each for each, pattern in PATTERNS.items() if pattern.match(path)] == [template]


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/products/x",
        "/api/v1/products/-1",
        "/api/v1/products/" + "9" * 19,
        "/api/v1/products//",
        "/api/v1/orders/1",
        "/x",
    ],
)
def test_a_path_whose_id_is_not_of_its_kind_does_not_exist(path: str) -> None:
    assert not any(pattern.match(path) for pattern in PATTERNS.values())


def test_templates_are_unique() -> None:
    assert len(PATTERNS) == len(ROUTES) + len(ALIASES)


def test_an_alias_is_served_by_the_handler_of_its_canonical_path() -> None:
    handlers = {route.template: route.handler for route in ROUTES}
    for alias, route in zip(ALIASES, aliased_routes(), strict=True):
        assert route.handler is handlers[alias.canonical]
        assert route.earlier is alias.shape


def test_every_method_with_a_rule_has_a_handler_and_no_other_has() -> None:
    for route in ROUTES:
        methods = ("get", "post", "put", "patch", "delete")
        own = {each.upper() for each in methods if each in vars(route.handler)}
        served = {each.upper() for each in methods if getattr(route.handler, each) is not getattr(RequestHandler, each)}
        assert own <= set(route.handler.rules) <= served, route.template


def test_writes_to_the_catalogue_are_for_staff() -> None:
    for route in ROUTES:
        for method, rule in route.handler.rules.items():
            if "catalog_admin_write" in rule.scopes:
                assert rule.access is Access.STAFF, (method, route.template)


def test_allowed_methods_have_head_beside_get() -> None:
    by_template: dict[str, Route] = {route.template: route for route in ROUTES}
    assert by_template["/api/v1/products"].handler.allowed_methods() == ("GET", "HEAD", "POST", "OPTIONS")
    assert by_template["/api/v1/auth/login"].handler.allowed_methods() == ("POST", "OPTIONS")
