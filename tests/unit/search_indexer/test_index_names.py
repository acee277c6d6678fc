from datetime import UTC, datetime
from uuid import UUID

from search_indexer.index_names import IndexNames


def test_every_name_begins_with_the_prefix_and_none_is_another() -> None:
    names = IndexNames("shop")
    new = names.new(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), UUID(int=2**127))
    assert new == "shop-products-20260102030405-800000"
    every = [names.reads, names.writes, names.building, names.previous, names.initial, new]
    assert len(set(every)) == len(every)
