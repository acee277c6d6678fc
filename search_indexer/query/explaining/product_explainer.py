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
    named_clauses,
    near_bodies,
    order_body,
    place_in,
    product_body,
    read_facts,
    read_text,
    score_body,
)
from search_indexer.query.fusion import fused
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
        """Explain at the present moment, among all variants; raises Unavailable and search's errors.

        At most four round trips.
        """
        request = msgspec.structs.replace(request, collapse=False)
        now, text = datetime.now(UTC), readable(request.q)
        ladder = ladder_of(request, merchandising, now, self._reader.meaning)
        first = msgspec.structs.replace(request, page=1, page_size=1, facets=(), highlight=False)
        reached, state, newest = await asyncio.gather(
            climb(self._reader.ask, first, ladder),
            read_state(self._database, product_id),
            self._reader.newest_change(),
        )
        rung, (head, ranks) = reached.step.rung, _fused(reached.step, ladder, product_id)
        read = read_text(text, reached.did_you_mean, rung.way, ladder.synonyms)
        rules = holding_rules(text, merchandising.rules, now)
        clauses = named_clauses(request, rules, read)
        bodies = [product_body(product_id, clauses), score_body(product_id, read), order_body(request, rung)]
        parts = await self._reader.ask([*bodies, *near_bodies(product_id, rung)])
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
                facts=read_facts(product_id, clauses, head, parts),
                ranks=ranks,
                asks_meaning=rung.near is not None,
            )
        )


def _fused(step: Step, ladder: MerchandisedLadder, product_id: int) -> tuple[list[int], Ranks | None]:
    """Give the head of the ranking that two were made into, and the product's places in those."""
    if step.nearest is None:
        return [], None
    by_words, by_meaning = ranking_of(step.page), ranking_of(step.nearest)
    ranks = Ranks(*(place_in([each.id for each in ranking], product_id) for ranking in (by_words, by_meaning)))
    return [each.id for each in fused(by_words, by_meaning, ladder.applied.pins, ladder.applied.buried)], ranks
