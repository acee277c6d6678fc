"""Answers one search: climbs to the rung that answers and shows the page that was asked for; used by the index reader.

Where words and meaning make one ranking, its head (every product that either ranking's window holds) is fused here and
shown by name; after it follow, by words, the products that no window held. Where only words rank, a page is what
Elasticsearch answered. Which attributes suit what was found is known by then, and they are counted along with it.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from search_indexer.query.answer_reading import Response, named_hits, ranked_ids, read_answer, read_hits
from search_indexer.query.answers import Facet, SearchAnswer
from search_indexer.query.attribute_facets import (
    attributes_request,
    candidate_keys,
    useful_facets,
    with_attribute_facets,
)
from search_indexer.query.climb import Ask, Reached, Step, climb
from search_indexer.query.fusion import fused
from search_indexer.query.merchandising import (
    NO_MERCHANDISING,
    MerchandisedLadder,
    Merchandising,
    merchandised_ladder,
)
from search_indexer.query.nearest import Meaning
from search_indexer.query.query_builder import Body, facets_body, following_body, named_body
from search_indexer.query.requests import ATTRIBUTES, SearchRequest
from search_indexer.query.rules import Applied
from search_indexer.query.typed_text import readable


async def answer_from_ladder(
    ask: Ask,
    request: SearchRequest,
    merchandising: Merchandising = NO_MERCHANDISING,
    now: datetime | None = None,
    meaning: Meaning | None = None,
) -> SearchAnswer:
    """Give the answer of the first rung that matches anything; raises what `ask` raises.

    Rules hold in their windows at `now`, which is the present unless given. `meaning` counts in hybrid mode only.
    """
    ladder = ladder_of(request, merchandising, now or datetime.now(UTC), meaning)
    reached = await climb(ask, request, ladder)
    answer = await _shown(ask, request, reached, ladder.applied)
    redirect = ladder.applied.redirect
    return msgspec.structs.replace(answer, redirect=redirect) if redirect else answer


def ladder_of(
    request: SearchRequest, merchandising: Merchandising, now: datetime, meaning: Meaning | None
) -> MerchandisedLadder:
    """Prepare the ladder for a request."""
    return merchandised_ladder(readable(request.q), merchandising, now, meaning if request.mode == "hybrid" else None)


def suitable_attributes(request: SearchRequest, aggregations: Mapping[str, Any]) -> SearchRequest | None:
    """Give the request that counts the attributes that suit what was found; None where that was not asked for."""
    if ATTRIBUTES not in request.facets:
        return None
    wanted = attributes_request(request, candidate_keys(request, aggregations))
    return wanted if wanted.facets else None


def joined_facets(
    request: SearchRequest, facets: list[Facet], wanted: SearchRequest | None, counted: Response | None
) -> list[Facet]:
    """Put the facets of the attributes where they were asked for."""
    if wanted is None or counted is None:
        return facets
    return with_attribute_facets(request, facets, useful_facets(wanted, counted["aggregations"]))


async def _shown(ask: Ask, request: SearchRequest, reached: Reached, applied: Applied) -> SearchAnswer:
    step = reached.step
    answer = read_answer(request, step.page, reached.answered_by)
    head: list[int] = []
    if step.nearest is not None:
        head = fused(ranked_ids(step.page), ranked_ids(step.nearest), applied.pins, applied.buried)
    named = head[(request.page - 1) * request.page_size : request.page * request.page_size]
    wanted = suitable_attributes(request, step.page.get("aggregations", {}))
    bodies = _page_bodies(request, step, head, named, answer.count)
    bodies += [facets_body(wanted, step.rung)] if wanted else []
    parts = list(await ask(bodies)) if bodies else []
    counted = parts.pop() if wanted else None
    hits = named_hits(named, parts.pop(0)) if named else []
    rest = [step.page] if step.nearest is None else parts
    return msgspec.structs.replace(
        answer,
        hits=[*hits, *(hit for part in rest for hit in read_hits(part))],
        facets=joined_facets(request, answer.facets, wanted, counted),
        did_you_mean=reached.did_you_mean,
        place=step.place,
        head=head,
    )


def _page_bodies(
    request: SearchRequest, step: Step, head: Sequence[int], named: Sequence[int], count: int
) -> list[Body]:
    """Ask for the page of a fused ranking: what its head names, what follows after it, or both."""
    if step.nearest is None:
        return []
    start, end = (request.page - 1) * request.page_size, request.page * request.page_size
    bodies = [named_body(request, step.rung, named)] if named else []
    after = max(start, len(head))
    if end > after and count > after:
        bodies.append(following_body(request, step.rung, after - len(head), end - after, head))
    return bodies
