from typing import Any

from search_indexer.query.answers import SearchAnswer, SearchHit
from search_indexer.relevance.preview import Move, compared


def answer(*ids: int, **fields: Any) -> SearchAnswer:
    hits = [
        SearchHit(
            id=each, sku=str(each), version=1, title=f"T{each}", description="", brand=None, category_name="",
            category_path=[], price_minor=1, currency="USD", image_link=None, in_stock_store_ids=[],
        )
        for each in ids
    ]  # fmt: skip
    return SearchAnswer(**{"count": len(ids), "hits": hits, "facets": [], "answered_by": "all_words", **fields})


def test_only_hits_that_move_are_named() -> None:
    found = compared("q", answer(1, 2, 3), answer(4, 2, 1, count=9, redirect="/x"))
    assert found.moves == [Move(4, "T4", None, 1), Move(1, "T1", 1, 3), Move(3, "T3", 3, None)]
    assert (found.count_before, found.count_after, found.redirect_before, found.redirect_after) == (3, 9, None, "/x")


def test_nothing_moves_when_nothing_changes() -> None:
    assert compared("q", answer(1, 2), answer(1, 2)).moves == []
