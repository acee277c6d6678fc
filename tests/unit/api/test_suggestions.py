"""The cache of suggestions with a reader that counts and waits as told; no server."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import cast

import pytest

from api import suggestions
from api.suggestions import Suggestions
from search_indexer.errors import SearchUnavailable
from search_indexer.query.answers import SuggestedProduct
from search_indexer.query.requests import SuggestRequest
from search_indexer.query.suggestion_reader import SuggestionReader
from search_indexer.query.suggestions import FoundProducts, ProductHit
from search_indexer.query.vocabulary import NO_VOCABULARY, Vocabulary
from search_indexer.relevance.live_vocabulary import LiveVocabulary


class Reader:
    """Answers after `before` was awaited, and remembers what was asked."""

    def __init__(self, before: Callable[[], Awaitable[object]]) -> None:
        self.asked: list[SuggestRequest] = []
        self._before = before

    async def products(self, request: SuggestRequest) -> FoundProducts:
        self.asked.append(request)
        await self._before()
        product = SuggestedProduct(id=1, title=f"Lamp {request.q}", price_minor=990, currency="USD", image_link=None)
        return FoundProducts(request.q, [ProductHit(product=product, brand=None, category_slugs=())])

    async def close(self) -> None:
        return None


class Texts:
    """No texts, under a version that a test may raise."""

    version = 1

    async def current(self) -> Vocabulary:
        return NO_VOCABULARY


def made(reader: Reader, texts: Texts | None = None) -> Suggestions:
    return Suggestions(cast("SuggestionReader", reader), cast("LiveVocabulary", texts or Texts()))


async def at_once() -> None:
    return None


async def away() -> None:
    raise SearchUnavailable("away")


async def test_an_answer_is_kept_and_given_again_whatever_the_letter_case() -> None:
    reader = Reader(at_once)
    asked = made(reader)
    first, again = await asked.answer(SuggestRequest(q="La")), await asked.answer(SuggestRequest(q=" la "))
    assert (first[1], again[1], len(reader.asked)) == ("miss", "hit", 1)
    assert first[0] == again[0]
    assert json.loads(first[0])["products"][0]["price"] == "9.90"


async def test_other_stores_and_limits_have_answers_of_their_own() -> None:
    reader = Reader(at_once)
    asked = made(reader)
    for request in (SuggestRequest(q="la"), SuggestRequest(q="la", store_id=3), SuggestRequest(q="la", limit=1)):
        assert (await asked.answer(request))[1] == "miss"
    assert len(reader.asked) == 3


async def test_an_answer_is_asked_anew_when_it_is_old_or_the_texts_are_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts, now = Texts(), 100.0
    monkeypatch.setattr(suggestions, "monotonic", lambda: now)
    asked = made(Reader(at_once), texts)
    sources = []
    for moment, version in ((100.0, 1), (129.9, 1), (130.1, 1), (131.0, 2), (132.0, 2)):
        now, texts.version = moment, version
        sources.append((await asked.answer(SuggestRequest(q="la")))[1])
    assert sources == ["miss", "hit", "miss", "miss", "hit"]


async def test_many_who_ask_the_same_at_once_are_answered_by_one_question() -> None:
    may_go_on = asyncio.Event()
    reader = Reader(may_go_on.wait)
    asked = made(reader)
    waiting = [asyncio.ensure_future(asked.answer(SuggestRequest(q="la"))) for _ in range(50)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    may_go_on.set()
    answers = await asyncio.gather(*waiting[1:])
    assert len(reader.asked) == 1
    assert len({body for body, _ in answers}) == 1


async def test_what_went_wrong_is_told_to_everybody_who_asked_and_not_kept() -> None:
    reader = Reader(away)
    asked = made(reader)
    for _ in range(2):
        answers = await asyncio.gather(
            *(asked.answer(SuggestRequest(q="la")) for _ in range(3)), return_exceptions=True
        )
        assert all(isinstance(each, SearchUnavailable) for each in answers)
    assert len(reader.asked) == 2


async def test_a_bounded_number_of_answers_is_kept_and_the_one_used_longest_ago_goes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(suggestions, "MOST_KEPT", 2)
    asked = made(Reader(at_once))
    sources = [(await asked.answer(SuggestRequest(q=each)))[1] for each in ("a", "b", "a", "c", "a", "b")]
    assert sources == ["miss", "miss", "hit", "miss", "hit", "miss"]


async def test_closing_gives_up_what_is_on_its_way() -> None:
    asked = made(Reader(asyncio.Event().wait))
    waiting = asyncio.ensure_future(asked.answer(SuggestRequest(q="la")))
    await asyncio.sleep(0)
    await asked.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
