from search_indexer.query.answer_reading import named_hits, ranking_of, read_hit
from search_indexer.query.fusion import Ranked


def test_what_a_document_leaves_out_is_empty() -> None:
    source = {"id": 1, "sku": "A", "version": 2, "title": "T", "price_minor": 3, "currency": "USD"}
    hit = read_hit({"_source": source})
    assert (hit.description, hit.brand, hit.category_path, hit.in_stock_store_ids, hit.highlight) == (
        "",
        None,
        [],
        [],
        {},
    )


def test_named_hits_come_in_the_order_of_their_names_without_those_that_are_gone() -> None:
    sources = [
        {"id": each, "sku": "A", "version": 2, "title": "T", "price_minor": 3, "currency": "USD"} for each in (1, 2)
    ]
    response = {"hits": {"hits": [{"_source": source} for source in sources]}}
    assert [hit.id for hit in named_hits([2, 7, 1], response)] == [2, 1]


def test_what_only_meaning_found_has_no_rank_by_words() -> None:
    response = {"hits": {"hits": [{"sort": [2.5, 9]}, {"sort": [1e-9, 4]}, {"sort": [0.0, 5]}]}}
    assert ranking_of(response) == [Ranked(9, "9"), Ranked(4, "4")]


def test_a_collapsed_ranking_names_groups() -> None:
    hits = [{"sort": [2.5, 9], "fields": {"group_key": ["g:a"]}}, {"sort": [1.5, 4], "fields": {"group_key": ["p:4"]}}]
    assert ranking_of({"hits": {"hits": hits}}) == [Ranked(9, "g:a"), Ranked(4, "p:4")]
