"""Search answers as bodies."""

import msgspec

from api.rendering.search import facet_body, hit_body, suggest_body
from schemas.ids import ProductId
from search_indexer.query.answers import (
    Facet,
    FacetValue,
    SearchHit,
    SuggestAnswer,
    SuggestedCategory,
    SuggestedProduct,
    Variant,
)

HIT = SearchHit(
    id=1,
    sku="s",
    version=2,
    title="t",
    description="d",
    brand=None,
    category_name="c",
    category_path=["c"],
    price_minor=1250,
    currency="USD",
    image_link=None,
    in_stock_store_ids=[3],
)


def test_a_live_quantity_decides_what_is_in_stock() -> None:
    assert [hit_body(HIT, {ProductId(1): quantity}, 9).in_stock for quantity in (0, 2)] == [False, True]
    assert hit_body(HIT, {}, None).price == "12.50"


def test_without_one_the_index_does_by_store() -> None:
    assert [hit_body(HIT, {}, store).in_stock for store in (None, 3, 4)] == [True, True, False]
    assert hit_body(HIT, {}, None).quantity is None


def test_variants_have_live_quantities_of_their_own() -> None:
    variant = Variant(
        id=2, sku="v", title="t", price_minor=990, image_link=None, in_stock_store_ids=[3], attributes={"size": ["L"]}
    )
    hit = msgspec.structs.replace(HIT, group_id="g", variant_count=7, variants=[variant])
    body = hit_body(hit, {ProductId(1): 0, ProductId(2): 4}, None)
    assert (body.quantity, body.in_stock, body.group_id, body.variant_count) == (0, False, "g", 7)
    [listed] = body.variants
    assert (listed.price, listed.quantity, listed.in_stock, listed.attributes) == ("9.90", 4, True, {"size": ["L"]})
    assert hit_body(hit, {}, 3).variants[0].in_stock


def test_categories_are_labelled_and_keep_their_parent() -> None:
    facet = Facet(name="category", type="tree", values=[FacetValue(value="usb", label="usb", count=2, parent="cables")])
    [value] = msgspec.to_builtins(facet_body(facet, {"usb": "USB"}, "USD"))["values"]
    assert value == {"value": "usb", "label": "USB", "count": 2, "selected": False, "parent": "cables"}


def test_price_ranges_have_decimal_ends() -> None:
    values = [FacetValue(value="-10", label="", count=1, to_minor=999)]
    facet = Facet(name="price", type="ranges", values=values, lowest_minor=950)
    body = msgspec.to_builtins(facet_body(facet, {}, "USD"))
    [value] = body["values"]
    assert (value["from"], value["to"], body["lowest"], body["highest"]) == (None, "9.99", "9.50", None)
    assert "parent" not in value


def test_stores_are_named_by_their_ids() -> None:
    facet = Facet(name="store", type="terms", values=[FacetValue(value="7", label="7", count=2)])
    body = msgspec.to_builtins(facet_body(facet, {"7": "Corner shop"}, "USD"))
    assert body["values"] == [{"value": "7", "label": "Corner shop", "count": 2, "selected": False}]
    assert "lowest" not in body


def test_suggestions_keep_their_order() -> None:
    answer = SuggestAnswer(
        suggestions=["b", "a"],
        products=[SuggestedProduct(id=1, title="t", price_minor=5, currency="JPY", image_link=None)],
        categories=[SuggestedCategory(id=1, slug="s", name="n", count=2)],
    )
    body = suggest_body(answer)
    assert (body.suggestions, body.products[0].price, body.categories[0].slug) == (["b", "a"], "5", "s")
