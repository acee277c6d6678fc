"""The real catalogue's feed as product snapshots, numbered as an import into an empty shop numbers them."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from schemas.events.product_snapshot import CategoryPath, ProductSnapshot
from schemas.money import to_minor_units
from tests.factories.product_snapshots import product_snapshot


def feed_snapshots(feed: Path) -> Iterator[ProductSnapshot]:
    """Give a snapshot for each line of a gzipped product feed."""
    with gzip.open(feed, "rb") as lines:
        for number, line in enumerate(lines, start=1):
            yield _snapshot(number, msgspec.json.decode(line))


def _snapshot(number: int, row: dict[str, Any]) -> ProductSnapshot:
    amount, currency = row["price"].split()
    names = row["product_type"].split(" > ")
    return product_snapshot(
        number,
        sku=row["id"],
        title=row["title"],
        description=row.get("description") or "",
        brand=row.get("brand"),
        gtin=row.get("gtin"),
        mpn=row.get("mpn"),
        category=CategoryPath(ids=[1, 2][: len(names)], names=names, slugs=[_slug(name) for name in names]),
        price_minor=to_minor_units(amount, currency),
        attributes=row.get("attributes") or {},
    )


def _slug(name: str) -> str:
    return "-".join("".join(each if each.isalnum() else " " for each in name.casefold()).split())
