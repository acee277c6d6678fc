"""Sealed cursors: what was closed opens again, and nothing else does."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from search_indexer.query.cursor import LIFETIME, Cursor, CursorRefused, CursorSeal
from search_indexer.query.requests import SearchRequest

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SEAL = CursorSeal("k" * 32)
REQUEST = SearchRequest(q="lamp", brand=["Lumo"])
CURSOR = Cursor(
    moment="pit", after=[1.5, 7], first_page=[1, 2], count=9, at=NOW, expires=NOW + LIFETIME, answered_by="all_words"
)


def test_a_cursor_opens_for_the_search_it_was_closed_for_whatever_a_page_shows() -> None:
    text = SEAL.close(CURSOR, REQUEST)
    other_page = msgspec.structs.replace(REQUEST, page_size=50, facets=("brand",), cursor=text)
    opened = SEAL.open(text, other_page, NOW)
    assert msgspec.structs.replace(opened, request_digest=b"") == CURSOR


@pytest.mark.parametrize(
    "other", [{"q": "torch"}, {"brand": []}, {"sort": "price"}, {"in_stock": True}, {"mode": "hybrid"}, {"store_id": 1}]
)
def test_another_search_cannot_use_it(other: dict[str, object]) -> None:
    with pytest.raises(CursorRefused):
        SEAL.open(SEAL.close(CURSOR, REQUEST), msgspec.structs.replace(REQUEST, **other), NOW)


def test_it_expires() -> None:
    text = SEAL.close(CURSOR, REQUEST)
    with pytest.raises(CursorRefused):
        SEAL.open(text, REQUEST, NOW + LIFETIME + timedelta(seconds=1))


def test_every_changed_character_and_another_key_are_noticed() -> None:
    text = SEAL.close(CURSOR, REQUEST)
    forged = [text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :] for at in range(len(text) - 1)]
    for each in [*forged, text[:-4], "", "forged", "§", "A" * 8_000]:
        with pytest.raises(CursorRefused):
            SEAL.open(each, REQUEST, NOW)
    with pytest.raises(CursorRefused):
        CursorSeal("other" * 8).open(text, REQUEST, NOW)
