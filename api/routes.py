"""Every route that the API serves under its canonical path; `application` adds the earlier paths."""

from api.handlers import (
    accounts,
    admin_orders,
    categories,
    health,
    inventory,
    orders,
    pages,
    products,
    route_list,
    search,
    stores,
)
from api.routing import Route

ROUTES: tuple[Route, ...] = (
    *search.ROUTES,
    *orders.ROUTES,
    *products.ROUTES,
    *categories.ROUTES,
    *inventory.ROUTES,
    *stores.ROUTES,
    *admin_orders.ROUTES,
    *accounts.ROUTES,
    *health.ROUTES,
    *pages.ROUTES,
    *route_list.ROUTES,
)
