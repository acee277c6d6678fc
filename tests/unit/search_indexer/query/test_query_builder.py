from search_indexer.query.filters import NOT_DELETED
from search_indexer.query.ladder import rungs
from search_indexer.query.query_builder import SORTS, identifier_probe_body, probe_body, search_body
from search_indexer.query.requests import SearchRequest


def test_filters_narrow_the_query_unless_their_facet_is_asked_for() -> None:
    request = SearchRequest(brand=["HP"], in_stock=True, facets=("brand",))
    body = search_body(request, rungs("")[0], "")
    brand = {"terms": {"brand": ["HP"]}}
    assert body["post_filter"] == {"bool": {"filter": [brand]}}
    within = body["query"]["constant_score"]["filter"]["bool"]["filter"]
    assert within == [NOT_DELETED, {"exists": {"field": "in_stock_store_ids"}}]
    assert body["aggs"]["facet_0"]["filter"] == {"bool": {"filter": []}}


def test_without_facets_nothing_is_filtered_after_the_fact() -> None:
    body = search_body(SearchRequest(q="x", brand=["HP"]), rungs("x")[0], "x")
    assert "post_filter" not in body
    assert {"terms": {"brand": ["HP"]}} in body["query"]["bool"]["filter"]


def test_paging_counts_from_one_and_every_order_ends_in_the_id() -> None:
    body = search_body(SearchRequest(page=3, page_size=10), rungs("")[0], "")
    assert (body["from"], body["size"], body["track_total_hits"]) == (20, 10, True)
    assert all("id" in order[-1] for order in SORTS.values())


def test_highlights_are_asked_for_only_where_there_are_words() -> None:
    assert "highlight" not in search_body(SearchRequest(), rungs("")[0], "")
    assert "highlight" in search_body(SearchRequest(q="x"), rungs("x")[0], "x")
    assert "highlight" not in search_body(SearchRequest(q="x", highlight=False), rungs("x")[0], "x")


def test_probes_ignore_what_was_chosen_but_never_what_was_deleted() -> None:
    assert probe_body(rungs("x")[0])["query"]["bool"]["filter"] == [NOT_DELETED]
    assert identifier_probe_body("flat screen") is None
    identifier = identifier_probe_body("A-1")
    assert identifier is not None
    wanted = [NOT_DELETED, {"term": {"identifiers": "a1"}}]
    assert identifier["query"]["constant_score"]["filter"]["bool"]["filter"] == wanted


def test_the_ladder_has_one_rung_without_words() -> None:
    assert [rung.name for rung in rungs("")] == ["browse"]
    assert [rung.name for rung in rungs("hdmi cable")] == ["all_words", "most_words", "fuzzy"]
