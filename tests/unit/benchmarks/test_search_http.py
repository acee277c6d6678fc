import json

from benchmarks.search_http import FACETS, SEARCHES, api_call, raw_call, seed_searches
from schemas.search_settings import SearchSettings

SETTINGS = SearchSettings(url="http://search:9200", index_prefix="own")


def test_searches_are_the_same_each_time_and_half_of_them_choose_a_brand() -> None:
    searches = seed_searches(SEARCHES)
    assert searches == seed_searches(SEARCHES)
    assert len([search for search in searches if search.brand]) == SEARCHES // 2
    assert all(len(search.q.split()) == 2 for search in searches)


def test_a_mode_is_asked_for_by_name() -> None:
    [search] = seed_searches(1)
    assert api_call("http://api", search, "hybrid").url.query["mode"] == "hybrid"


def test_both_sides_are_asked_the_same() -> None:
    search = seed_searches(2)[1]
    served, raw = api_call("http://api", search), raw_call(SETTINGS, search)
    assert served.body is None
    asked = {"q": search.q, "brand": search.brand[0], "facets": ",".join(FACETS), "collapse": "false"}
    assert dict(served.url.query) == asked
    body = json.loads(raw.body or b"")
    assert str(raw.url) == "http://search:9200/own-products/_search"
    assert search.q in json.dumps(body["query"])
    assert search.brand[0] in json.dumps(body["post_filter"])
    assert list(body["aggs"]) == list(FACETS)
    assert {"highlight", "_source", "track_total_hits"} <= body.keys()
