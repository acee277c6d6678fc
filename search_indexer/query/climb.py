"""Climbs down the ladder: asks for the strictest rung first and for the others only when it matches nothing.

Nearly every search is answered by its first rung, so the usual search costs one body, not four. What asks is an
argument, so that this needs no server to be tested.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from search_indexer.query.answer_reading import corrected_text, read_answer, total_of
from search_indexer.query.answers import AnsweredBy, SearchAnswer
from search_indexer.query.filters import chosen_filters
from search_indexer.query.ladder import Rung, rungs
from search_indexer.query.query_builder import Body, correction_body, identifier_probe_body, probe_body, search_body
from search_indexer.query.requests import SearchRequest
from search_indexer.query.typed_text import readable

Ask = Callable[[Sequence[Body]], Awaitable[list[Mapping[str, Any]]]]
"""Sends bodies in one multi-search and gives the answers in the same order."""


class Step(msgspec.Struct, frozen=True):
    """What a rung answered, and whether it matches anything whatever was chosen."""

    answer: SearchAnswer
    matches: bool


async def answer_from_ladder(ask: Ask, request: SearchRequest) -> SearchAnswer:
    """Give the answer of the first rung that matches anything; raises what `ask` raises."""
    text = readable(request.q)
    first, *others = rungs(text)
    identifier = identifier_probe_body(text)
    parts = iter(await ask([*_bodies(request, first, text), *([identifier] if identifier else [])]))
    step = _read(request, first, parts)
    if identifier and total_of(next(parts)):
        return msgspec.structs.replace(step.answer, answered_by="exact")
    if step.matches or not others:
        return step.answer
    bodies = [body for rung in others for body in _bodies(request, rung, text)]
    parts = iter(await ask([*bodies, correction_body(text)]))
    steps = [_read(request, rung, parts) for rung in others]
    found = next((step.answer for step in steps if step.matches), _nothing(steps[-1].answer))
    return msgspec.structs.replace(found, did_you_mean=corrected_text(text, next(parts)))


def _bodies(request: SearchRequest, rung: Rung, text: str) -> list[Body]:
    """Ask for the rung's page, and with filters in use whether it matches anything without them."""
    body = search_body(request, rung, text)
    return [body, probe_body(rung)] if _is_probed(request, rung) else [body]


def _is_probed(request: SearchRequest, rung: Rung) -> bool:
    return rung.name != "browse" and bool(chosen_filters(request))


def _read(request: SearchRequest, rung: Rung, parts: Iterator[Mapping[str, Any]]) -> Step:
    answered_by: AnsweredBy = rung.name
    answer = read_answer(request, next(parts), answered_by)
    matches = bool(total_of(next(parts))) if _is_probed(request, rung) else answer.count > 0
    return Step(answer=answer, matches=matches)


def _nothing(answer: SearchAnswer) -> SearchAnswer:
    return msgspec.structs.replace(answer, answered_by="none")
