import json

from search_indexer.query.nearest import CANDIDATES, FLOOR, NEAREST, nearest_query, unranked


def test_the_nearest_above_the_floor_are_asked_for_in_few_digits() -> None:
    knn = nearest_query([1 / 3, -0.5])["knn"]
    assert json.dumps(knn["query_vector"]) == "[0.333333, -0.5]"
    assert (knn["k"], knn["num_candidates"], knn["similarity"]) == (NEAREST, CANDIDATES, FLOOR)


def test_without_a_rank_the_same_products_match() -> None:
    nearest = nearest_query([1.0])
    assert unranked(nearest) == {"knn": {**nearest["knn"], "boost": 0.0}}
