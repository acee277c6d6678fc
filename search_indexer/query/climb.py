"""Climbs down the ladder: asks for the strictest rung first and for the others only when it matches little or nothing.

Nearly every search is answered by its first rung, in one round trip. What asks is an argument, so that this needs no
server to be tested.

    all words match ENOUGH products, or the text is one word or an identifier   that is the answer
    they match fewer, and no word is rare      what matches most words follows those (one more round trip)
    they match none                            the text is corrected, then the lower rungs asked (two more)

Every decision is taken on what the words match without filters, so it depends on the text alone. In hybrid mode the
nearest products join the answer, in place of what most words match, unless the text says exactly what is meant: an
identifier, or a rare word.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from search_indexer.query.answer_reading import Response, total_of
from search_indexer.query.answers import AnsweredBy, Place
from search_indexer.query.filters import chosen_filters
from search_indexer.query.ladder import Rung, rarity_words, words_to_widen
from search_indexer.query.merchandising import LOWER, MerchandisedLadder
from search_indexer.query.query_builder import (
    ENOUGH,
    RARE,
    Body,
    identifier_probe_body,
    nearest_body,
    nearest_probe_body,
    probe_body,
    ranking_body,
    search_body,
    word_probe_body,
)
from search_indexer.query.requests import SearchRequest
from search_indexer.query.spelling import corrected_text, correction_body

Ask = Callable[[Sequence[Body]], Awaitable[list[Mapping[str, Any]]]]
"""Sends bodies in one multi-search and gives the answers in the same order."""


class Step(NamedTuple):
    """What a rung answered, and how many products its words match whatever was chosen (ENOUGH stands for more).

    `nearest` are the products nearest in meaning where the order must be fused; then `page` holds ids only.
    """

    place: Place
    rung: Rung
    page: Response
    nearest: Response | None
    matches: int


class Reached(NamedTuple):
    """The step that answers, and how the text was matched there."""

    step: Step
    answered_by: AnsweredBy
    did_you_mean: str | None = None


async def climb(ask: Ask, request: SearchRequest, ladder: MerchandisedLadder) -> Reached:
    """Find the rung that answers; raises what `ask` raises."""
    first, text = ladder.first(), ladder.text
    identifier = identifier_probe_body(text)
    parts = iter(await ask([*_bodies(request, first), *([identifier] if identifier else [])]))
    step = _read(request, Place(has_nearest=first.near is not None), first, parts)
    if identifier and total_of(next(parts)):
        return Reached(await _by_words_alone(ask, request, step), "exact")
    if not text or step.matches >= ENOUGH:
        return Reached(step, first.name)
    return await (_few(ask, request, ladder, step) if step.matches else _lower(ask, request, ladder))


async def _few(ask: Ask, request: SearchRequest, ladder: MerchandisedLadder, few: Step) -> Reached:
    """Leave the few alone when they are exactly what is meant; else add the nearest products, or what most words match.

    A rare word means exactly those few.
    """
    if few.rung.near is None:
        return await _widened(ask, request, ladder, few)
    by_words = few.rung.by_words_alone()
    bodies = [
        search_body(request, by_words),
        nearest_probe_body(few.rung),
        *map(word_probe_body, rarity_words(ladder.text)),
    ]
    page, nearest, *words = await ask(bodies)
    alone = Step(Place(few.place.step), by_words, page, None, few.matches)
    if any(total_of(part) <= RARE for part in words):
        return Reached(alone, by_words.name)
    return Reached(few, few.rung.name) if total_of(nearest) else await _widened(ask, request, ladder, alone)


async def _widened(ask: Ask, request: SearchRequest, ladder: MerchandisedLadder, few: Step) -> Reached:
    """Add what matches most words, unless a rare word says that exactly those few are meant."""
    words = words_to_widen(ladder.text)
    if not words:
        return Reached(few, few.rung.name)
    rung = ladder.widened().by_words_alone()
    parts = iter(await ask([*_bodies(request, rung), *map(word_probe_body, words)]))
    step = _read(request, Place(1), rung, parts)
    is_meant = any(total_of(part) <= RARE for part in parts)
    answering = few if is_meant or step.matches == few.matches else step
    return Reached(answering, answering.rung.name)


async def _lower(ask: Ask, request: SearchRequest, ladder: MerchandisedLadder) -> Reached:
    [suggested] = await ask([correction_body(ladder.text)])
    corrected = corrected_text(ladder.text, suggested)
    rungs = ladder.lower(corrected)
    parts = iter(await ask([body for rung in rungs for body in _bodies(request, rung)]))
    places = [Place(LOWER + number, corrected, rung.near is not None) for number, rung in enumerate(rungs)]
    steps = [_read(request, place, rung, parts) for place, rung in zip(places, rungs, strict=True)]
    found = next((step for step in steps if step.matches), None)
    if found is not None:
        return Reached(found, found.rung.name, corrected)
    last = steps[-1]
    nearest = await ask([nearest_probe_body(last.rung)]) if last.rung.near else []
    return Reached(last, "meaning" if any(map(total_of, nearest)) else "none", corrected)


async def _by_words_alone(ask: Ask, request: SearchRequest, step: Step) -> Step:
    """Ask again without the nearest products, where they were asked for."""
    if step.rung.near is None:
        return step
    rung = step.rung.by_words_alone()
    [page] = await ask([search_body(request, rung)])
    return Step(Place(step.place.step, step.place.meant), rung, page, None, step.matches)


def _bodies(request: SearchRequest, rung: Rung) -> list[Body]:
    """Ask for the rung's page, or for both rankings, and where that does not tell how much the words match for that."""
    page = [ranking_body(request, rung), nearest_body(request, rung)] if is_fused(request, rung) else None
    return [*(page or [search_body(request, rung)]), *([probe_body(rung)] if _is_probed(request, rung) else [])]


def is_fused(request: SearchRequest, rung: Rung) -> bool:
    """Whether the order is made of two rankings."""
    return rung.near is not None and request.sort == "relevance"


def _is_probed(request: SearchRequest, rung: Rung) -> bool:
    return rung.near is not None or (rung.name != "browse" and bool(chosen_filters(request)))


def _read(request: SearchRequest, place: Place, rung: Rung, parts: Iterator[Response]) -> Step:
    page = next(parts)
    nearest = next(parts) if is_fused(request, rung) else None
    matches = total_of(next(parts) if _is_probed(request, rung) else page)
    return Step(place, rung, page, nearest, min(matches, ENOUGH))
