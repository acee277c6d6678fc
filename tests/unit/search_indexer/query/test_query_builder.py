import msgspec
import pytest

from search_indexer.query.filters import NOT_DELETED
from search_indexer.query.fusion import Ranked
from search_indexer.query.ladder import Near, first_rung, spelling_rungs
from search_indexer.query.query_builder import (
    SHOWN,
    SORTS,
    following_body,
    identifier_probe_body,
    named_body,
    nearest_body,
    nearest_probe_body,
    probe_body,
    ranking_body,
    search_body,
    word_probe_body,
)
from search_indexer.query.requests import SearchRequest


def test_filters_narrow_the_query_unless_their_facet_is_asked_for() -> None:
    request = SearchRequest(brand=["HP"], in_stock=True, facets=("brand",))
    body = search_body(request, first_rung(""))
    brand = {"terms": {"brand": ["HP"]}}
    assert body["post_filter"] == {"bool": {"filter": [brand]}}
    within = body["query"]["bool"]["filter"]
    assert within == [NOT_DELETED, {"exists": {"field": "in_stock_store_ids"}}]
    assert body["aggs"]["facet_0"]["filter"] == {"bool": {"filter": []}}


def test_without_facets_nothing_is_filtered_after_the_fact() -> None:
    body = search_body(SearchRequest(q="x", brand=["HP"]), first_rung("x"))
    assert "post_filter" not in body
    assert {"terms": {"brand": ["HP"]}} in body["query"]["bool"]["filter"]


def test_paging_counts_from_one_and_every_order_ends_in_the_id() -> None:
    body = search_body(SearchRequest(page=3, page_size=10), first_rung(""))
    assert (body["from"], body["size"], body["track_total_hits"]) == (20, 10, True)
    assert all("id" in order[-1] for order in SORTS.values())


def test_words_are_marked_where_they_are_matched_and_by_the_server_where_they_are_spelt_otherwise() -> None:
    assert search_body(SearchRequest(), first_rung(""))[SHOWN] == {"texts": []}
    assert search_body(SearchRequest(q="x y"), first_rung("x y"))[SHOWN] == {"texts": ["x y", "xy"]}
    assert search_body(SearchRequest(q="x", highlight=False), first_rung("x"))[SHOWN] == {"texts": []}
    [nearly, _] = spelling_rungs("x")
    body = search_body(SearchRequest(q="x"), nearly)
    assert SHOWN not in body
    assert body["highlight"]["highlight_query"] == nearly.query


def test_probes_ignore_what_was_chosen_but_never_what_was_deleted() -> None:
    assert probe_body(first_rung("x"))["query"]["bool"]["filter"] == [NOT_DELETED]
    assert word_probe_body("x")["query"]["constant_score"]["filter"]["bool"]["filter"][0] == NOT_DELETED
    assert identifier_probe_body("flat screen") is None
    identifier = identifier_probe_body("A-1")
    assert identifier is not None
    wanted = [NOT_DELETED, {"term": {"identifiers": "a1"}}]
    assert identifier["query"]["constant_score"]["filter"]["bool"]["filter"] == wanted


NEAR = first_rung("x")._replace(near=Near(order={"knn": 1}, joined={"bool": 2}, plain={"knn": 1}))


def test_what_words_and_meaning_find_together_is_one_set_for_totals_and_facets() -> None:
    request = SearchRequest(q="x", brand=["HP"], facets=("brand",))
    body = ranking_body(request, NEAR)
    assert body["query"]["bool"]["must"] == [NEAR.near and NEAR.near.joined]
    assert body["aggs"] == search_body(request, NEAR)["aggs"]
    assert body["_source"] is False
    assert probe_body(NEAR) == probe_body(NEAR.by_words_alone())


def test_the_nearest_are_asked_for_under_every_filter_and_probed_under_none() -> None:
    request = SearchRequest(q="x", brand=["HP"], in_stock=True, facets=("brand",))
    clauses = nearest_body(request, NEAR)["query"]["bool"]["filter"]
    assert clauses == [NOT_DELETED, {"terms": {"brand": ["HP"]}}, {"exists": {"field": "in_stock_store_ids"}}]
    assert nearest_probe_body(NEAR)["query"]["bool"]["filter"] == [NOT_DELETED]
    for body in (nearest_probe_body, lambda rung: nearest_body(request, rung)):
        with pytest.raises(ValueError, match="all_words"):
            body(first_rung("x"))


def test_named_products_are_shown_only_while_they_pass_the_filters() -> None:
    body = named_body(SearchRequest(q="x", brand=["HP"]), NEAR, [3, 1])
    clauses = body["query"]["constant_score"]["filter"]["bool"]["filter"]
    assert clauses == [NOT_DELETED, {"terms": {"brand": ["HP"]}}, {"terms": {"id": [3, 1]}}]
    assert (body["size"], body[SHOWN]) == (2, {"texts": ["x"]})


def test_what_was_shown_by_name_does_not_follow_again() -> None:
    request = SearchRequest(q="x", brand=["HP"], facets=("brand",), collapse=False)
    shown = [Ranked(3, "g:a"), Ranked(1, "p:1")]
    body = following_body(request, NEAR, 5, 10, shown)
    left_out = {"filter": [{"terms": {"brand": ["HP"]}}], "must_not": [{"terms": {"id": [3, 1]}}]}
    assert (body["from"], body["size"], body["post_filter"]) == (5, 10, {"bool": left_out})
    assert "aggs" not in body
    collapsed = following_body(msgspec.structs.replace(request, collapse=True), NEAR, 5, 10, shown)
    assert collapsed["post_filter"]["bool"]["must_not"] == [{"terms": {"group_key": ["g:a", "p:1"]}}]
