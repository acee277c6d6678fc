"""Every route that the API serves under its canonical path; `application` adds the earlier paths."""

from api.handlers import (
    accounts,
    admin_audit,
    admin_orders,
    admin_search,
    categories,
    clicks,
    discounts,
    health,
    inventory,
    invoices,
    merchandising,
    orders,
    pages,
    products,
    route_list,
    search,
    stores,
    tariff,
)
from api.routing import Route

ROUTES: tuple[Route, ...] = (
    *search.ROUTES,
    *clicks.ROUTES,
    *orders.ROUTES,
    *invoices.ROUTES,
    *products.ROUTES,
    *categories.ROUTES,
    *inventory.ROUTES,
    *stores.ROUTES,
    *tariff.ROUTES,
    *discounts.ROUTES,
    *admin_orders.ROUTES,
    *admin_audit.ROUTES,
    *admin_search.ROUTES,
    *merchandising.ROUTES,
    *accounts.ROUTES,
    *health.ROUTES,
    *pages.ROUTES,
    *route_list.ROUTES,
)
