"""Says in words what a filter asks for and what a product has instead; pure, used by the stages."""

from collections.abc import Mapping
from typing import Any

from schemas.money import to_amount
from search_indexer.attributes import attribute_key
from search_indexer.query.requests import ATTRIBUTE_FACET, SearchRequest
from search_indexer.query.rules import RuleFilter

MOST_TOLD = 10
Document = Mapping[str, Any]


def wanted(name: str, chosen: SearchRequest | RuleFilter, document: Document | None) -> str:
    """Name a filter's values; prices in the product's currency."""
    if name == "price":
        low, high = chosen.price_min_minor, chosen.price_max_minor
        bounds = [
            *([] if low is None else [f"from {_price(low, document)}"]),
            *([] if high is None else [f"up to {_price(high, document)}"]),
        ]
        return f"a price {' '.join(bounds)}"
    if name == "in_stock":
        return "what is in stock" if chosen.in_stock else "what is out of stock"
    if name.startswith(ATTRIBUTE_FACET):
        key = name.removeprefix(ATTRIBUTE_FACET)
        return f"{key} {_listed(chosen.attributes[key])}"
    return f"{name} {_listed(getattr(chosen, name))}"


def has(name: str, document: Document | None) -> str:
    """Name what the product has where the filter looks."""
    found = document or {}
    if name == "price":
        return f"a price of {_price(found['price_minor'], document)}" if "price_minor" in found else "no price"
    if name == "in_stock":
        stores = found.get("in_stock_store_ids", [])
        return f"stock at {len(stores)} stores" if stores else "no stock"
    if name == "category":
        return f"category {_listed(found.get('category_path', []))}"
    if name.startswith(ATTRIBUTE_FACET):
        key = name.removeprefix(ATTRIBUTE_FACET)
        return f"{key} {_listed(found.get('attributes', {}).get(attribute_key(key), []))}"
    return f"{name} {_listed([found[name]] if found.get(name) else [])}"


def _price(minor_units: int, document: Document | None) -> str:
    currency = (document or {}).get("currency")
    return f"{to_amount(minor_units, currency)} {currency}" if currency else f"{minor_units} minor units"


def _listed(values: list[str]) -> str:
    told = ", ".join(f"“{value}”" for value in values[:MOST_TOLD])
    return told + (f" and {len(values) - MOST_TOLD} more" if len(values) > MOST_TOLD else "") if values else "none"
