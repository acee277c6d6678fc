"""The page of all routes."""

from api.handlers.route_list import rows
from api.routes import ROUTES


def test_every_method_of_every_route_says_who_may_and_what_it_does() -> None:
    made = rows(ROUTES)
    assert len(made) == sum(len(route.handler.rules) for route in ROUTES)
    assert all("<td></td>" not in row for row in made)
    assert any("POST /api/v1/orders" in row and "anyone" in row for row in made)
