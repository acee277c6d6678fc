"""Answers one search: climbs to the rung that answers and shows the page that was asked for; used by the index reader.

Where words and meaning make one ranking, its head (every product that either ranking's window holds) is fused here and
shown by name; after it follow, by words, the products that no window held. Where only words rank, a page is what
Elasticsearch answered. What takes a second count is known by then, and is counted along with it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from search_indexer.query.answer_reading import named_hits, ranking_of, read_answer, read_hits
from search_indexer.query.answers import SearchAnswer
from search_indexer.query.climb import Ask, Reached, Step, climb
from search_indexer.query.completed_answer import completed
from search_indexer.query.fusion import Ranked, fused
from search_indexer.query.groups import groups_named
from search_indexer.query.merchandising import (
    NO_MERCHANDISING,
    MerchandisedLadder,
    Merchandising,
    merchandised_ladder,
)
from search_indexer.query.nearest import Meaning
from search_indexer.query.query_builder import Body, facets_body, following_body, named_body, variants_body
from search_indexer.query.requests import SearchRequest
from search_indexer.query.rules import Applied
from search_indexer.query.second_count import all_facets, second_count
from search_indexer.query.typed_text import readable
from search_indexer.query.variants import with_variants


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


async def _shown(ask: Ask, request: SearchRequest, reached: Reached, applied: Applied) -> SearchAnswer:
    step, head = reached.step, list[Ranked]()
    answer = read_answer(request, step.page, reached.answered_by)
    if step.nearest is None:
        found = msgspec.structs.replace(answer, hits=read_hits(step.page))
        second = second_count(request, step.page.get("aggregations", {}), answer.facets)
        shown = await completed(ask, request, step.rung, found, second)
    else:
        head = fused(ranking_of(step.page), ranking_of(step.nearest), applied.pins, applied.buried)
        shown = await _fused_page(ask, request, step, head, answer)
    ids = [each.id for each in head]
    return msgspec.structs.replace(shown, did_you_mean=reached.did_you_mean, place=step.place, head=ids)


async def _fused_page(
    ask: Ask, request: SearchRequest, step: Step, head: Sequence[Ranked], answer: SearchAnswer
) -> SearchAnswer:
    """Show the page of a fused ranking: from its head, from what follows after it, or from both."""
    second = second_count(request, step.page.get("aggregations", {}), answer.facets)
    first = head[(request.page - 1) * request.page_size : request.page * request.page_size]
    named, groups = [each.id for each in first], groups_named(each.group for each in first)
    bodies = _page_bodies(request, step, head, named, answer.count)
    bodies += [facets_body(second.request, step.rung, second.ranges)] if second else []
    bodies += [variants_body(request, step.rung, groups)] if groups else []
    parts = list(await ask(bodies)) if bodies else []
    variants = parts.pop()["aggregations"] if groups else None
    facets = all_facets(request, answer.facets, second, parts.pop()["aggregations"]) if second else answer.facets
    hits = named_hits(named, parts.pop(0)) if named else []
    hits = [*(with_variants(hits, variants) if variants else hits), *(hit for each in parts for hit in read_hits(each))]
    found = msgspec.structs.replace(answer, facets=facets, hits=hits)
    return await completed(ask, request, step.rung, found, None)


def _page_bodies(
    request: SearchRequest, step: Step, head: Sequence[Ranked], named: Sequence[int], count: int
) -> list[Body]:
    start, end = (request.page - 1) * request.page_size, request.page * request.page_size
    bodies = [named_body(request, step.rung, named)] if named else []
    after = max(start, len(head))
    if end > after and count > after:
        bodies.append(following_body(request, step.rung, after - len(head), end - after, head))
    return bodies
