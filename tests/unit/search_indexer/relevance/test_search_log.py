import uuid

import pytest

from order_service.database.engine import open_database
from schemas.settings import DatabaseSettings
from search_indexer.query.answers import SearchAnswer
from search_indexer.query.requests import SearchRequest
from search_indexer.relevance.search_log import SearchLog, normalised_query, request_of, summarised_filters

ANSWER = SearchAnswer(count=0, hits=[], facets=[], answered_by="none")


@pytest.mark.parametrize(
    ("typed", "grouped"),
    [("  HDMI \t Cable", "hdmi cable"), ("\uff35\uff33\uff22", "usb"), ("STRASSE\x00", "strasse")],
)
def test_queries_are_grouped_whatever_their_case_width_and_blanks(typed: str, grouped: str) -> None:
    assert normalised_query(typed) == grouped


def test_only_filters_in_use_are_kept_and_long_lists_are_cut() -> None:
    request = SearchRequest(
        brand=[str(each) for each in range(50)], price_max_minor=900, in_stock=False, store_id=4,
        attributes={"colour": ["Red"]},
    )  # fmt: skip
    assert summarised_filters(request) == {
        "brand": [str(each) for each in range(10)],
        "attr.colour": ["Red"],
        "price": [None, 900],
        "in_stock": False,
        "store_id": 4,
    }
    assert summarised_filters(SearchRequest(q="x")) == {}


def test_a_logged_search_can_be_asked_again() -> None:
    request = SearchRequest(
        q="lamp", brand=["Lumo"], category=["lamps"], price_min_minor=5, in_stock=True, store_id=4,
        attributes={"colour": ["Red"], "attr.x": ["1"]},
    )  # fmt: skip
    assert request_of("lamp", summarised_filters(request)) == request
    assert request_of("lamp", {}) == SearchRequest(q="lamp")


async def test_a_full_queue_drops_and_counts_instead_of_waiting() -> None:
    dropped: list[int] = []
    database = open_database(DatabaseSettings(url="postgresql://nobody@127.0.0.1:1/none"))
    log = SearchLog(database, 1, dropped.append, most_waiting=0)
    log.note_search(uuid.uuid4(), SearchRequest(q="x"), ANSWER)
    log.note_click(uuid.uuid4(), 1, 1)
    await log.close()
    assert dropped == [1, 1]
