"""Completes an answer by what only its first part tells to ask for, in one more round trip; for pages and walks.

These are the facets that take a second count, and the variants of the groups that were found. An answer without
either is complete as it is.
"""

import msgspec

from search_indexer.query.answers import SearchAnswer
from search_indexer.query.climb import Ask
from search_indexer.query.ladder import Rung
from search_indexer.query.query_builder import facets_body, variants_body
from search_indexer.query.requests import SearchRequest
from search_indexer.query.second_count import SecondCount, all_facets
from search_indexer.query.variants import groups_of, with_variants


async def completed(
    ask: Ask, request: SearchRequest, rung: Rung, answer: SearchAnswer, second: SecondCount | None
) -> SearchAnswer:
    """Give the answer found on the rung with nothing missing; raises what `ask` raises."""
    groups = groups_of(answer.hits) if request.collapse else []
    counts = [facets_body(second.request, rung, second.ranges)] if second else []
    bodies = [*counts, *([variants_body(request, rung, groups)] if groups else [])]
    if not bodies:
        return answer
    parts = iter(await ask(bodies))
    facets = all_facets(request, answer.facets, second, next(parts)["aggregations"]) if second else answer.facets
    hits = with_variants(answer.hits, next(parts)["aggregations"]) if groups else answer.hits
    return msgspec.structs.replace(answer, facets=facets, hits=hits)
