from search_indexer.query.filters import NOT_DELETED
from search_indexer.query.ladder import first_rung
from search_indexer.query.query_builder import SORTS, identifier_probe_body, probe_body, search_body, word_probe_body
from search_indexer.query.requests import SearchRequest


def test_filters_narrow_the_query_unless_their_facet_is_asked_for() -> None:
    request = SearchRequest(brand=["HP"], in_stock=True, facets=("brand",))
    body = search_body(request, first_rung(""), "")
    brand = {"terms": {"brand": ["HP"]}}
    assert body["post_filter"] == {"bool": {"filter": [brand]}}
    within = body["query"]["bool"]["filter"]
    assert within == [NOT_DELETED, {"exists": {"field": "in_stock_store_ids"}}]
    assert body["aggs"]["facet_0"]["filter"] == {"bool": {"filter": []}}


def test_without_facets_nothing_is_filtered_after_the_fact() -> None:
    body = search_body(SearchRequest(q="x", brand=["HP"]), first_rung("x"), "x")
    assert "post_filter" not in body
    assert {"terms": {"brand": ["HP"]}} in body["query"]["bool"]["filter"]


def test_paging_counts_from_one_and_every_order_ends_in_the_id() -> None:
    body = search_body(SearchRequest(page=3, page_size=10), first_rung(""), "")
    assert (body["from"], body["size"], body["track_total_hits"]) == (20, 10, True)
    assert all("id" in order[-1] for order in SORTS.values())


def test_highlights_are_asked_for_only_where_there_are_words() -> None:
    assert "highlight" not in search_body(SearchRequest(), first_rung(""), "")
    assert "highlight" in search_body(SearchRequest(q="x"), first_rung("x"), "x")
    assert "highlight" not in search_body(SearchRequest(q="x", highlight=False), first_rung("x"), "x")


def test_probes_ignore_what_was_chosen_but_never_what_was_deleted() -> None:
    assert probe_body(first_rung("x"))["query"]["bool"]["filter"] == [NOT_DELETED]
    assert word_probe_body("x")["query"]["constant_score"]["filter"]["bool"]["filter"][0] == NOT_DELETED
    assert identifier_probe_body("flat screen") is None
    identifier = identifier_probe_body("A-1")
    assert identifier is not None
    wanted = [NOT_DELETED, {"term": {"identifiers": "a1"}}]
    assert identifier["query"]["constant_score"]["filter"]["bool"]["filter"] == wanted
