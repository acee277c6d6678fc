from search_indexer.query.filters import attribute_clause, category_clause, chosen_filters, price_clause, stock_clause
from search_indexer.query.requests import SearchRequest


def test_nothing_chosen_is_no_filter() -> None:
    assert chosen_filters(SearchRequest(store_id=3, attributes={"colour": []})) == {}


def test_each_filter_is_one_clause_of_alternatives() -> None:
    request = SearchRequest(
        category=["cables", "7"], price_max_minor=5, in_stock=False, store_id=3, attributes={"colour": ["Red"]}
    )
    assert chosen_filters(request) == {
        "category": {
            "bool": {
                "should": [{"term": {"category_slugs": "cables"}}, {"term": {"category_ids": 7}}],
                "minimum_should_match": 1,
            }
        },
        "price": {"range": {"price_minor": {"lte": 5}}},
        "in_stock": {"bool": {"must_not": [{"term": {"in_stock_store_ids": "3"}}]}},
        "attr.colour": {"term": {"attributes.colour": "Red"}},
    }


def test_numbers_beyond_an_id_are_taken_for_a_slug() -> None:
    assert category_clause("9" * 30) == {"term": {"category_slugs": "9" * 30}}
    assert category_clause("٣") == {"term": {"category_slugs": "٣"}}


def test_both_price_bounds_are_inclusive() -> None:
    assert price_clause(1, 2) == {"range": {"price_minor": {"gte": 1, "lte": 2}}}


def test_stock_without_a_store_means_any_store() -> None:
    assert stock_clause(None, in_stock=True) == {"exists": {"field": "in_stock_store_ids"}}


def test_a_key_that_cannot_exist_is_still_a_field() -> None:
    assert attribute_clause("\0", "x") == {"term": {"attributes. ": "x"}}
