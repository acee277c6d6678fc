"""Renders search and suggest answers with live quantities; called by the search handlers."""

from collections.abc import Mapping

from msgspec import UNSET, UnsetType

from schemas.http_api.search import (
    FacetBody,
    FacetValueBody,
    SearchHitBody,
    SuggestBody,
    SuggestedCategoryBody,
    SuggestedProductBody,
    VariantBody,
)
from schemas.ids import ProductId
from schemas.money import to_amount
from search_indexer.query.answers import Facet, FacetValue, SearchHit, SuggestAnswer, Variant

CATEGORY, STORE = "category", "store"
NAMED = (CATEGORY, STORE)


def hit_body(hit: SearchHit, quantities: Mapping[ProductId, int], store_id: int | None) -> SearchHitBody:
    """Render one hit; without a live quantity the index says whether it is in stock (at the store, if one is given)."""
    quantity = quantities.get(ProductId(hit.id))
    return SearchHitBody(
        id=hit.id,
        sku=hit.sku,
        title=hit.title,
        description=hit.description,
        brand=hit.brand,
        category_name=hit.category_name,
        category_path=hit.category_path,
        price=to_amount(hit.price_minor, hit.currency),
        currency=hit.currency,
        quantity=quantity,
        in_stock=_in_stock(hit, quantity, store_id),
        image_link=hit.image_link,
        highlight=hit.highlight,
        group_id=hit.group_id,
        variant_count=hit.variant_count,
        variants=[_variant(each, hit.currency, quantities, store_id) for each in hit.variants],
    )


def _variant(variant: Variant, currency: str, quantities: Mapping[ProductId, int], store_id: int | None) -> VariantBody:
    quantity = quantities.get(ProductId(variant.id))
    return VariantBody(
        id=variant.id,
        sku=variant.sku,
        title=variant.title,
        price=to_amount(variant.price_minor, currency),
        quantity=quantity,
        in_stock=_in_stock(variant, quantity, store_id),
        image_link=variant.image_link,
        attributes=variant.attributes,
    )


def _in_stock(found: SearchHit | Variant, quantity: int | None, store_id: int | None) -> bool:
    if quantity is not None:
        return quantity > 0
    return bool(found.in_stock_store_ids) if store_id is None else store_id in found.in_stock_store_ids


def facet_body(facet: Facet, labels: Mapping[str, str], currency: str) -> FacetBody:
    """Render one facet; `labels` name categories by their slugs and stores by their ids."""
    names = labels if facet.name in NAMED else {}
    is_range = facet.type == "ranges"
    return FacetBody(
        name=facet.name,
        type=facet.type,
        values=[_facet_value(each, names.get(each.value, each.label), facet, currency) for each in facet.values],
        lowest=_bound(facet.lowest_minor, currency) if is_range else UNSET,
        highest=_bound(facet.highest_minor, currency) if is_range else UNSET,
    )


def _facet_value(value: FacetValue, label: str, facet: Facet, currency: str) -> FacetValueBody:
    is_range = facet.type == "ranges"
    return FacetValueBody(
        value=value.value,
        label=label,
        count=value.count,
        selected=value.selected,
        parent=value.parent if facet.type == "tree" else UNSET,
        from_=_bound(value.from_minor, currency) if is_range else UNSET,
        to=_bound(value.to_minor, currency) if is_range else UNSET,
    )


def _bound(minor_units: int | None, currency: str) -> str | None | UnsetType:
    return None if minor_units is None else to_amount(minor_units, currency)


def suggest_body(answer: SuggestAnswer) -> SuggestBody:
    """Render completions."""
    return SuggestBody(
        suggestions=answer.suggestions,
        products=[
            SuggestedProductBody(
                id=each.id,
                title=each.title,
                price=to_amount(each.price_minor, each.currency),
                currency=each.currency,
                image_link=each.image_link,
            )
            for each in answer.products
        ],
        categories=[
            SuggestedCategoryBody(id=each.id, slug=each.slug, name=each.name, count=each.count)
            for each in answer.categories
        ],
    )
