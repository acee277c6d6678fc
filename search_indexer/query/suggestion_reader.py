"""Asks Elasticsearch what suggestions need: products as they are typed, names, whether texts find anything.

Used by `api.suggestions`, the live vocabulary and the learning of completions, each with a reader's `ask`; raises what
that raises.
"""

from collections.abc import Sequence

from search_indexer.query.answer_reading import total_of
from search_indexer.query.climb import Ask
from search_indexer.query.ladder import first_rung
from search_indexer.query.query_builder import probe_body
from search_indexer.query.requests import SuggestRequest
from search_indexer.query.shared_questions import SharedQuestions
from search_indexer.query.suggestions import (
    NAMES_BODY,
    SHORTEST_MISSPELT,
    FoundProducts,
    read_names,
    read_products,
    suggest_body,
)
from search_indexer.query.typed_text import readable
from search_indexer.query.vocabulary import Names


class SuggestionReader:
    """Asks through `ask`; questions of several people that wait at the same time go together."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._shared = SharedQuestions(ask)

    async def products(self, request: SuggestRequest) -> FoundProducts:
        """Find what is being typed; spelling is forgiven from three characters on, when nothing is spelt so."""
        text = readable(request.q)
        if not text:
            return FoundProducts(typed="")
        found = await self._shared.answer(suggest_body(request, text, misspelt=False))
        misspelt = not found["hits"]["hits"] and len(text) >= SHORTEST_MISSPELT
        if misspelt:
            found = await self._shared.answer(suggest_body(request, text, misspelt=True))
        return read_products(text, found, misspelt=misspelt)

    async def names(self) -> Names:
        """Read the brands and categories of all live products; some 10 ms of the server's time."""
        [found] = await self._ask([NAMES_BODY])
        return read_names(found)

    async def which_find(self, texts: Sequence[str]) -> list[str]:
        """Give those of the texts of which some live product has every word as it is spelt."""
        asked = [text for text in texts if text and readable(text) == text]
        answers = await self._ask([probe_body(first_rung(text)) for text in asked]) if asked else []
        return [text for text, answer in zip(asked, answers, strict=True) if total_of(answer)]

    async def close(self) -> None:
        """Give up what is on its way."""
        await self._shared.close()
