"""The paths that earlier clients use and the canonical path that serves each; the one table of them.

The same handlers answer. `shape` says that the handler is asked for the bodies that those clients know.
"""

from dataclasses import dataclass, replace

from api.routes import ROUTES
from api.routing import Route


@dataclass(frozen=True, slots=True)
class Alias:
    """One earlier path; `shape` asks for the earlier bodies."""

    earlier: str
    canonical: str
    shape: bool = False


ALIASES = (
    Alias("/api/search/products", "/api/v1/search/products"),
    Alias("/api/search/suggest", "/api/v1/search/suggest"),
    Alias("/api/search/explain", "/api/v1/search/explain"),
    Alias("/api/products", "/api/v1/products"),
    Alias("/api/products/{product_id}", "/api/v1/products/{product_id}"),
    Alias("/orders", "/api/v1/orders", shape=True),
    Alias("/orders/orders", "/api/v1/orders", shape=True),
    Alias("/orders/store/{store_id}", "/api/v1/admin/orders", shape=True),
    Alias("/stores/{store_id}/inventory", "/api/v1/stores/{store_id}/inventory"),
    Alias("/api/orders", "/api/v1/orders"),
    Alias("/api/orders/{order_id}", "/api/v1/orders/{order_id}"),
    Alias("/api/admin/orders", "/api/v1/admin/orders"),
    Alias("/api/register", "/api/v1/auth/register"),
    Alias("/api/auth/register", "/api/v1/auth/register"),
    Alias("/api/token", "/api/v1/auth/login"),
    Alias("/api/auth/login", "/api/v1/auth/login"),
    Alias("/api/token/refresh", "/api/v1/auth/refresh"),
    Alias("/api/auth/token/refresh", "/api/v1/auth/refresh"),
    Alias("/api/auth/profile", "/api/v1/auth/profile"),
)


def aliased_routes() -> list[Route]:
    """Give a route per alias; raises KeyError for one whose canonical path is not served."""
    served = {route.template: route for route in ROUTES}
    return [replace(served[each.canonical], template=each.earlier, earlier=each.shape) for each in ALIASES]
