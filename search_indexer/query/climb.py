"""Climbs down the ladder: asks for the strictest rung first and for the others only when it matches little or nothing.

Nearly every search is answered by its first rung, so the usual search costs one body, not four. What asks is an
argument, so that this needs no server to be tested.

    all words match ENOUGH products, or the text is one word or an identifier   that is the answer
    they match fewer, and no word is rare      what matches most words follows those (one more round trip)
    they match none                            the text is corrected, then the lower rungs asked (two more)

Every decision is taken on what a rung matches without filters, so it depends on the text alone.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from search_indexer.query.answer_reading import read_answer, total_of
from search_indexer.query.answers import AnsweredBy, Facet, SearchAnswer
from search_indexer.query.attribute_facets import (
    attributes_request,
    candidate_keys,
    useful_facets,
    with_attribute_facets,
)
from search_indexer.query.filters import chosen_filters
from search_indexer.query.ladder import Rung, words_to_widen
from search_indexer.query.merchandising import (
    NO_MERCHANDISING,
    MerchandisedLadder,
    Merchandising,
    merchandised_ladder,
)
from search_indexer.query.query_builder import (
    ENOUGH,
    RARE,
    Body,
    facets_body,
    identifier_probe_body,
    probe_body,
    search_body,
    word_probe_body,
)
from search_indexer.query.requests import ATTRIBUTES, SearchRequest
from search_indexer.query.spelling import corrected_text, correction_body
from search_indexer.query.typed_text import readable

Ask = Callable[[Sequence[Body]], Awaitable[list[Mapping[str, Any]]]]
"""Sends bodies in one multi-search and gives the answers in the same order."""


class Step(msgspec.Struct, frozen=True):
    """What a rung answered, and how many products it matches whatever was chosen (ENOUGH stands for more).

    `attributes` are the keys whose facets may be worth giving, where the request leaves that open.
    """

    rung: Rung
    answer: SearchAnswer
    matches: int
    attributes: list[str] = []


async def answer_from_ladder(
    ask: Ask,
    request: SearchRequest,
    merchandising: Merchandising = NO_MERCHANDISING,
    now: datetime | None = None,
) -> SearchAnswer:
    """Give the answer of the first rung that matches anything; raises what `ask` raises.

    Rules hold in their windows at `now`, which is the present unless given.
    """
    ladder = merchandised_ladder(readable(request.q), merchandising, now or datetime.now(UTC))
    step = await climb(ask, request, ladder)
    answer = msgspec.structs.replace(step.answer, facets=await _facets(ask, request, step))
    redirect = ladder.applied.redirect
    return msgspec.structs.replace(answer, redirect=redirect) if redirect else answer


async def climb(ask: Ask, request: SearchRequest, ladder: MerchandisedLadder) -> Step:
    """Give the rung that answers, with its answer; for no match the last rung. Raises what `ask` raises."""
    first, text = ladder.first(), ladder.text
    identifier = identifier_probe_body(text)
    parts = iter(await ask([*_bodies(request, first, text), *([identifier] if identifier else [])]))
    step = _read(request, first, parts)
    if identifier and total_of(next(parts)):
        return _answered(step, answered_by="exact")
    if not text or step.matches >= ENOUGH:
        return step
    return await (_widened(ask, request, ladder, step) if step.matches else _lower(ask, request, ladder))


async def _widened(ask: Ask, request: SearchRequest, ladder: MerchandisedLadder, few: Step) -> Step:
    """Add what matches most words, unless a rare word says that exactly those few are meant."""
    words = words_to_widen(ladder.text)
    if not words:
        return few
    rung = ladder.widened()
    parts = iter(await ask([*_bodies(request, rung, ladder.text), *map(word_probe_body, words)]))
    step = _read(request, rung, parts)
    is_meant = any(total_of(part) <= RARE for part in parts)
    return few if is_meant or step.matches == few.matches else step


async def _lower(ask: Ask, request: SearchRequest, ladder: MerchandisedLadder) -> Step:
    [suggested] = await ask([correction_body(ladder.text)])
    corrected = corrected_text(ladder.text, suggested)
    rungs = ladder.lower(corrected)
    parts = iter(await ask([body for rung in rungs for body in _bodies(request, rung, ladder.text)]))
    steps = [_read(request, rung, parts) for rung in rungs]
    found = next((step for step in steps if step.matches), _answered(steps[-1], answered_by="none"))
    return _answered(found, did_you_mean=corrected)


async def _facets(ask: Ask, request: SearchRequest, step: Step) -> list[Facet]:
    """Count the attributes that suit what was found, in one more round trip; the other facets are counted by then."""
    if ATTRIBUTES not in request.facets:
        return step.answer.facets
    wanted = attributes_request(request, step.attributes)
    if not wanted.facets:
        return step.answer.facets
    [counted] = await ask([facets_body(wanted, step.rung)])
    return with_attribute_facets(request, step.answer.facets, useful_facets(wanted, counted["aggregations"]))


def _bodies(request: SearchRequest, rung: Rung, text: str) -> list[Body]:
    """Ask for the rung's page, and with filters in use how much it matches without them."""
    body = search_body(request, rung, text)
    return [body, probe_body(rung)] if _is_probed(request, rung) else [body]


def _is_probed(request: SearchRequest, rung: Rung) -> bool:
    return rung.name != "browse" and bool(chosen_filters(request))


def _read(request: SearchRequest, rung: Rung, parts: Iterator[Mapping[str, Any]]) -> Step:
    answered_by: AnsweredBy = rung.name
    response = next(parts)
    answer = read_answer(request, response, answered_by)
    attributes = candidate_keys(request, response.get("aggregations", {}))
    matches = total_of(next(parts)) if _is_probed(request, rung) else answer.count
    return Step(rung, answer, min(matches, ENOUGH), attributes)


def _answered(step: Step, **changed: str | None) -> Step:
    return msgspec.structs.replace(step, answer=msgspec.structs.replace(step.answer, **changed))
