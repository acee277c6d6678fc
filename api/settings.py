"""The settings of the API process as one frozen struct; `aisle serve` loads it, `dependencies` builds from it."""

from dataclasses import dataclass, fields
from typing import Any

from api.rate_limits import scopes
from api.rate_limits.gcra import Limit
from schemas.environment import integer, text, variable
from schemas.search_settings import (
    JudgmentSettings,
    ModelSettings,
    SearchLogSettings,
    SearchModeSettings,
    SearchSettings,
)
from schemas.settings import AuthSettings, DatabaseSettings, RedisSettings
from schemas.shop_settings import CartSettings, SellerSettings, ShopSettings, StripeSettings

# ruff: noqa: RUF009 - `rate` declares a frozen dataclass field, which ruff cannot see through an imported function

LIMIT_FORM = "count/period such as 20/min (periods: second, minute, hour, day)"


def rate(scope: str, about: str) -> Any:
    """Declare the variable RATE_<SCOPE>; unset it means the default of AISLE_ENV."""
    return variable(f"RATE_{scope.upper()}", scopes.parse_limit, expects=LIMIT_FORM, about=about, default=None)


@dataclass(frozen=True, slots=True)
class RateSettings:
    """How many requests one user or client address may make; the fields are named after their scopes."""

    anon: Limit | None = rate(scopes.ANON, "Requests without a token, by client address.")
    user: Limit | None = rate(scopes.USER, "Requests of one signed-in user.")
    catalog: Limit | None = rate(scopes.CATALOG, "Reads of products, categories, stores and inventories.")
    catalog_admin_write: Limit | None = rate(scopes.CATALOG_ADMIN_WRITE, "Writes to the catalogue and to stock.")
    search: Limit | None = rate(scopes.SEARCH, "Searches.")
    suggest: Limit | None = rate(scopes.SUGGEST, "Suggestions.")
    clicks: Limit | None = rate(scopes.CLICKS, "Clicks on the hits of searches.")
    auth: Limit | None = rate(scopes.AUTH, "Registrations, sign-ins and token refreshes.")
    orders: Limit | None = rate(scopes.ORDERS, "Orders placed or moved.")
    cart: Limit | None = rate(scopes.CART, "Reads of carts.")
    cart_write: Limit | None = rate(scopes.CART_WRITE, "Changes and checkouts of carts.")

    def limits(self, environment: str) -> dict[str, Limit]:
        """Give every scope's limit: what was set, else the default of the environment."""
        defaults = scopes.DEFAULTS[environment]
        return {each.name: getattr(self, each.name) or defaults[each.name] for each in fields(self)}


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """Where the API listens."""

    address: str = variable(
        "BIND_ADDRESS",
        text,
        expects="an address",
        about="The address that the API and its metrics listen on.",
        default="127.0.0.1",
    )
    port: int = variable("PORT", integer(0, 65535), expects="a port", about="The port of the API.", default=8000)
    metrics_port: int = variable(
        "METRICS_PORT",
        integer(0, 65535),
        expects="a port, or 0 for none",
        about="The port of /metrics; with several processes each has the next one up.",
        default=9464,
    )
    processes: int = variable(
        "API_PROCESSES",
        integer(1, 256),
        expects="a whole number from 1 to 256",
        about="Processes that `aisle serve` starts, one event loop each.",
        default=1,
    )


@dataclass(frozen=True, slots=True)
class SearchCacheSettings:
    """How long pages of searches are kept."""

    seconds: int = variable(
        "SEARCH_CACHE_SECONDS",
        integer(0, 60),
        expects="a whole number from 0 to 60",
        about="How long a page of a search is kept at most; it goes when the index or the rules change. 0 keeps none.",
        default=10,
    )


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """Everything the API process reads from its environment."""

    database: DatabaseSettings
    redis: RedisSettings
    search: SearchSettings
    search_mode: SearchModeSettings
    model: ModelSettings
    search_log: SearchLogSettings
    judgments: JudgmentSettings
    search_cache: SearchCacheSettings
    shop: ShopSettings
    seller: SellerSettings
    carts: CartSettings
    stripe: StripeSettings
    auth: AuthSettings
    http: HttpSettings
    rates: RateSettings
