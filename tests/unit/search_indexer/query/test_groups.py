from search_indexer.query.groups import GROUP_COUNTS, GROUPED, count_of, groups_named, has_groups, in_groups


def test_products_without_a_group_count_one_each_and_groups_one() -> None:
    bucket = {"doc_count": 9, "grouped": {"value": 6}, "groups": {"value": 2}}
    assert (count_of(bucket), has_groups(bucket)) == (5, True)


def test_without_groups_the_products_are_counted() -> None:
    assert count_of({"doc_count": 9, "grouped": {"value": 0}, "groups": {"value": 0}}) == 9
    assert (count_of({"doc_count": 9}), has_groups({"doc_count": 9})) == (9, False)


def test_keys_of_products_without_a_group_name_none() -> None:
    assert groups_named([f"{GROUPED}g:1", "p:3", "17", f"{GROUPED}b"]) == ["g:1", "b"]


def test_every_bucket_of_an_aggregation_is_counted_in_groups() -> None:
    assert in_groups({"terms": {"field": "brand"}}) == {"terms": {"field": "brand"}, "aggs": GROUP_COUNTS}
