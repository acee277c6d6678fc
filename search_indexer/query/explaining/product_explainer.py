"""Asks Postgres and the index about one product in one search and explains how it fares; called by the API."""

import asyncio
from datetime import UTC, datetime

import msgspec

from order_service.database.engine import Database
from search_indexer.query.answer_reading import ranking_of
from search_indexer.query.climb import Step, climb
from search_indexer.query.explaining.case import Case, Ranks
from search_indexer.query.explaining.explained import explained
from search_indexer.query.explaining.explanation import Explanation
from search_indexer.query.explaining.questions import (
    Facts,
    named_clauses,
    near_bodies,
    order_body,
    place_of,
    product_body,
    read_facts,
    read_text,
    score_body,
)
from search_indexer.query.fusion import Ranked, fused
from search_indexer.query.groups import GROUP_KEY
from search_indexer.query.index_reader import SearchReader
from search_indexer.query.merchandising import MerchandisedLadder, Merchandising
from search_indexer.query.pages import ladder_of
from search_indexer.query.requests import SearchRequest
from search_indexer.query.rules import holding_rules
from search_indexer.query.typed_text import readable
from search_indexer.storage.product_state import read_state


class ProductExplainer:
    """Explains with the very queries that searches send; holds nothing between two calls."""

    def __init__(self, reader: SearchReader, database: Database) -> None:
        self._reader = reader
        self._database = database

    async def explain(self, product_id: int, request: SearchRequest, merchandising: Merchandising) -> Explanation:
        """Explain at the present moment; raises Unavailable and search's errors. At most five round trips."""
        now, text = datetime.now(UTC), readable(request.q)
        ladder = ladder_of(request, merchandising, now, self._reader.meaning)
        first = msgspec.structs.replace(request, page=1, page_size=1, facets=(), highlight=False)
        reached, state, newest = await asyncio.gather(
            climb(self._reader.ask, first, ladder),
            read_state(self._database, product_id),
            self._reader.newest_change(),
        )
        rung, head = reached.step.rung, _head(reached.step, ladder)
        read = read_text(text, reached.did_you_mean, rung.way, ladder.synonyms)
        rules = holding_rules(text, merchandising.rules, now)
        clauses = named_clauses(request, rules, read)
        bodies = [product_body(product_id, clauses), score_body(product_id, read), order_body(request, rung)]
        parts = await self._reader.ask([*bodies, *near_bodies(product_id, rung)])
        facts = read_facts(product_id, clauses, head, parts)
        return explained(
            Case(
                product_id=product_id,
                request=request,
                state=state,
                newest=newest,
                rules=rules,
                applied=ladder.applied,
                read=read,
                answered_by=reached.answered_by,
                did_you_mean=reached.did_you_mean,
                facts=facts,
                ranks=_ranks(reached.step, product_id, facts),
                asks_meaning=rung.near is not None,
            )
        )


def _head(step: Step, ladder: MerchandisedLadder) -> list[Ranked]:
    """Give the first part of the order where it is made of two rankings; nothing by words alone."""
    if step.nearest is None:
        return []
    return fused(ranking_of(step.page), ranking_of(step.nearest), ladder.applied.pins, ladder.applied.buried)


def _ranks(step: Step, product_id: int, facts: Facts) -> Ranks | None:
    """Give the places of the product, or of its group, in the two rankings; None by words alone."""
    if step.nearest is None:
        return None
    group = (facts.document or {}).get(GROUP_KEY)
    return Ranks(*(place_of(ranking_of(each), product_id, group) for each in (step.page, step.nearest)))
