from collections.abc import Mapping, Sequence

import msgspec

from search_indexer.query.answers import SearchAnswer, SearchHit
from search_indexer.query.requests import SearchRequest
from search_indexer.relevance.evaluation import fold_of
from search_indexer.relevance.judgments import KnownItem, Typo
from search_indexer.relevance.measured_search import (
    QueryScore,
    Ranker,
    judgment_measures,
    known_item_measures,
    measure_judgments,
    measure_known_items,
    measure_typos,
    typo_measures,
)

HIT = SearchHit(
    id=1,
    sku="",
    version=1,
    title="",
    description="",
    brand=None,
    category_name="",
    category_path=[],
    price_minor=1,
    currency="USD",
    image_link=None,
    in_stock_store_ids=[],
)


def ranker(rankings: Mapping[str, Sequence[str]]) -> Ranker:
    async def search(request: SearchRequest) -> SearchAnswer:
        hits = [msgspec.structs.replace(HIT, sku=sku) for sku in rankings.get(request.q, ())][: request.page_size]
        return SearchAnswer(count=len(hits), hits=hits, facets=[], answered_by="all_words")

    return Ranker(search, "lexical")


async def test_each_judged_query_is_scored_unless_nothing_has_a_gain() -> None:
    judged = {"lamp": {"a": 3}, "fan": {"b": 3}, "nothing": {"c": 0}}
    scores = await measure_judgments(ranker({"lamp": ["a"], "fan": ["x"]}), judged)
    assert scores == [QueryScore("lamp", 1.0, 1.0, 0.1), QueryScore("fan", 0.0, 0.0, 0.0)]


async def test_known_items_and_misspellings_are_measured_in_their_order() -> None:
    found = ranker({"A1": ["x", "a"], "cabel": ["a", "y"], "cable": ["a", "b"]})
    assert await measure_known_items(found, [KnownItem("A1", "a"), KnownItem("A2", "a")]) == [0.5, 0.0]
    assert await measure_typos(found, [Typo("cabel", "cable"), Typo("cbl", "cable")]) == [(0.5, False), (0.0, True)]


def test_the_table_has_every_measure_and_the_mean_of_each_fold() -> None:
    scores = [QueryScore("lamp", 1.0, 0.5, 0.1), QueryScore("fan", 0.0, 0.5, 0.3)]
    judged_only, strict, judged = judgment_measures(scores)
    assert (judged_only.estimate.mean, strict.estimate.mean, judged.estimate.mean) == (0.5, 0.5, 0.2)
    assert fold_of("lamp") != fold_of("fan")
    assert sorted(judged_only.folds) == [0.0, 1.0]
    assert known_item_measures([1.0, 0.5])[0].estimate.mean == 0.75
    assert [each.estimate.mean for each in typo_measures([(0.5, False), (0.0, True)])] == [0.25, 0.5]
