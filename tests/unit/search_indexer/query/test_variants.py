from typing import Any

from search_indexer.query.answers import SearchHit
from search_indexer.query.variants import groups_of, variants_aggregation, with_variants


def hit(product_id: int, group: str | None) -> SearchHit:
    return SearchHit(
        id=product_id, sku="s", version=1, title="t", description="", brand=None, category_name="c", category_path=[],
        price_minor=1, currency="USD", image_link=None, in_stock_store_ids=[], group_id=group,
    )  # fmt: skip


def source(product_id: int, **attributes: list[str]) -> dict[str, Any]:
    shown = {"id": product_id, "sku": f"s{product_id}", "title": "Shirt", "price_minor": 5, "attributes": attributes}
    return {"_source": shown}


def bucket(group: str, *found: dict[str, Any]) -> dict[str, Any]:
    return {"key": group, "doc_count": 5, "variants": {"hits": {"hits": list(found)}}}


def test_each_group_is_asked_for_once() -> None:
    assert groups_of([hit(1, "b"), hit(2, None), hit(3, "a"), hit(4, "b")]) == ["b", "a"]
    listed = with_variants([hit(1, "b")], {"groups": {"buckets": [bucket("b", source(1))]}})
    assert groups_of([*listed, hit(3, "a")]) == ["a"]


def test_variants_come_in_the_order_of_the_search() -> None:
    [asked] = variants_aggregation(["a", "b"], [{"price_minor": "asc"}]).values()
    assert asked["terms"] == {"field": "group_id", "size": 2}
    assert asked["aggs"]["variants"]["top_hits"]["sort"] == [{"price_minor": "asc"}]


def test_a_variant_has_the_attributes_in_which_its_group_differs() -> None:
    found = [source(1, colour=["Red"], fabric=["Wool"]), source(2, colour=["Blue"], fabric=["Wool"], size=["L"])]
    buckets = [bucket("a", *found)]
    grouped, single = with_variants([hit(1, "a"), hit(9, None)], {"groups": {"buckets": buckets}})
    assert (grouped.variant_count, single.variant_count, single.variants) == (5, 1, [])
    assert [(each.id, each.sku, each.attributes) for each in grouped.variants] == [
        (1, "s1", {"colour": ["Red"]}),
        (2, "s2", {"colour": ["Blue"], "size": ["L"]}),
    ]


def test_a_group_that_is_not_found_any_more_keeps_its_hit() -> None:
    assert with_variants([hit(1, "a")], {"groups": {"buckets": []}}) == [hit(1, "a")]
