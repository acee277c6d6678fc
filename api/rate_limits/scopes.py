"""The scopes that requests are counted in, and the limit of each by environment; read by the settings at start.

The figures are those of docs/reference/http-api.md.
"""

import re
from collections.abc import Mapping

from api.rate_limits.gcra import Limit

SECONDS = {
    "s": 1,
    "sec": 1,
    "second": 1,
    "m": 60,
    "min": 60,
    "minute": 60,
    "h": 3600,
    "hour": 3600,
    "d": 86400,
    "day": 86400,
}
FORM = re.compile(r"(\d{1,7})\s*/\s*([a-z]+)", re.ASCII)
MAX_COUNT = 1_000_000

ANON, USER = "anon", "user"
CATALOG, CATALOG_ADMIN_WRITE = "catalog", "catalog_admin_write"
SEARCH, SUGGEST, CLICKS = "search", "suggest", "clicks"
AUTH, ORDERS = "auth", "orders"
CART, CART_WRITE = "cart", "cart_write"

PRODUCTION: Mapping[str, Limit] = {
    ANON: Limit(600, 60),
    USER: Limit(1200, 60),
    CATALOG: Limit(600, 60),
    CATALOG_ADMIN_WRITE: Limit(120, 60),
    SEARCH: Limit(300, 60),
    SUGGEST: Limit(20, 60),
    CLICKS: Limit(300, 60),
    AUTH: Limit(10, 60),
    ORDERS: Limit(60, 60),
    CART: Limit(120, 3600),
    CART_WRITE: Limit(60, 3600),
}
DEVELOPMENT: Mapping[str, Limit] = {
    **PRODUCTION,
    AUTH: Limit(60, 60),
    CART: Limit(20, 60),
    CART_WRITE: Limit(20, 60),
}
DEFAULTS: Mapping[str, Mapping[str, Limit]] = {"production": PRODUCTION, "development": DEVELOPMENT}


def parse_limit(raw: str) -> Limit:
    """Read `20/min`; raises ValueError when it is not a count of 1 to 1,000,000 over a known period."""
    match = FORM.fullmatch(raw.strip().lower())
    if not match or match[2] not in SECONDS or not 1 <= int(match[1]) <= MAX_COUNT:
        raise ValueError(f"{raw!r} is not count/period")
    return Limit(int(match[1]), SECONDS[match[2]])
