"""Asks Postgres and the index about one product in one search and explains how it fares; called by the API."""

import asyncio
from datetime import UTC, datetime

import msgspec

from order_service.database.engine import Database
from search_indexer.query.climb import climb
from search_indexer.query.explaining.case import Case
from search_indexer.query.explaining.explained import explained
from search_indexer.query.explaining.explanation import Explanation
from search_indexer.query.explaining.questions import (
    named_clauses,
    order_body,
    product_body,
    read_facts,
    read_text,
    score_body,
)
from search_indexer.query.index_reader import SearchReader
from search_indexer.query.merchandising import Merchandising, merchandised_ladder
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
        """Explain at the present moment; raises Unavailable and search's errors. At most four round trips."""
        now, text = datetime.now(UTC), readable(request.q)
        ladder = merchandised_ladder(text, merchandising, now)
        first = msgspec.structs.replace(request, page=1, page_size=1, facets=(), highlight=False)
        reached, state, newest = await asyncio.gather(
            climb(self._reader.ask, first, ladder),
            read_state(self._database, product_id),
            self._reader.newest_change(),
        )
        rung = reached.step.rung
        read = read_text(text, reached.did_you_mean, rung.way, ladder.synonyms)
        rules = holding_rules(text, merchandising.rules, now)
        clauses = named_clauses(request, rules, read)
        bodies = [product_body(product_id, clauses), score_body(product_id, read), order_body(request, rung)]
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
                facts=read_facts(product_id, clauses, await self._reader.ask(bodies)),
            )
        )
