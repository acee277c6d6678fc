from typing import Any

from search_indexer.category_labels import packed_label
from search_indexer.query.requests import SuggestRequest
from search_indexer.query.suggestions import read_suggestions, suggest_body


def hit(product_id: int, title: str) -> dict[str, Any]:
    return {"_source": {"id": product_id, "title": title, "price_minor": 1, "currency": "USD"}}


def response(*titles: str) -> dict[str, Any]:
    categories = [packed_label(1, "", "ink", "Ink & Toner"), packed_label(2, "", "cables", "Cables")]
    return {
        "hits": {"hits": [hit(number, title) for number, title in enumerate(titles, start=1)]},
        "aggregations": {
            "brands": {"buckets": [{"key": "Inktec", "doc_count": 2}, {"key": "HP", "doc_count": 9}]},
            "categories": {"buckets": [{"key": key, "doc_count": 3} for key in categories]},
        },
    }


def test_brands_and_categories_come_before_titles_and_only_with_fitting_names() -> None:
    answer = read_suggestions(SuggestRequest(q="ink"), "ink", response("Ink 1", "INK 1", "Ink 2"), misspelt=False)
    assert answer.suggestions == ["Inktec", "Ink & Toner", "Ink 1", "Ink 2"]
    assert [product.id for product in answer.products] == [1, 3]
    assert [(each.id, each.slug, each.count) for each in answer.categories] == [(1, "ink", 3)]


def test_every_list_keeps_to_the_limit_and_long_titles_end_at_a_word() -> None:
    long = "ink " + "cartridge " * 20
    answer = read_suggestions(SuggestRequest(q="i", limit=2), "i", response("Ink 1", "Ink 2", long), misspelt=False)
    assert [len(each) for each in (answer.suggestions, answer.products, answer.categories)] == [2, 2, 1]
    [_, _, _, text] = read_suggestions(SuggestRequest(q="i"), "i", response("x", long), misspelt=False).suggestions
    assert text == "ink cartridge cartridge cartridge cartridge cartridge"


def test_only_a_misspelt_word_is_matched_nearly() -> None:
    exact, nearly = (suggest_body(SuggestRequest(q="ink"), "ink", misspelt=each) for each in (False, True))
    assert "fuzziness" not in str(exact)
    assert "fuzziness" in str(nearly)


def test_a_store_puts_what_it_has_first_without_hiding_the_rest() -> None:
    query = suggest_body(SuggestRequest(q="ink", store_id=3), "ink", misspelt=False)["query"]["bool"]
    assert {"term": {"in_stock_store_ids": "3"}} in [
        each.get("constant_score", {}).get("filter") for each in query["should"]
    ]
    assert "in_stock_store_ids" not in str(query["filter"])
