"""Everything that was found out about one product in one search; the stages and clauses are told from it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from search_indexer.query.answers import AnsweredBy
from search_indexer.query.explaining.questions import Facts, ReadText
from search_indexer.query.requests import SearchRequest
from search_indexer.query.rules import Applied, Rule
from search_indexer.storage.product_state import ProductState


class Ranks(NamedTuple):
    """The product's places in the two rankings that were made one, from 1; None where a ranking does not hold it."""

    by_words: int | None
    by_meaning: int | None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One product in one search; `newest` is when the newest change in the index was made, `rules` those that hold.

    `asks_meaning` says that the nearest products are part of the answer, and `ranks` is there when they made the order.
    """

    product_id: int
    request: SearchRequest
    state: ProductState | None
    newest: datetime | None
    rules: list[Rule]
    applied: Applied
    read: ReadText
    answered_by: AnsweredBy
    did_you_mean: str | None
    facts: Facts
    ranks: Ranks | None = None
    asks_meaning: bool = False

    @property
    def document(self) -> Mapping[str, Any] | None:
        """The product as searches see it; None for one that they cannot find whatever is asked."""
        found = self.facts.document
        return None if found is None or found["deleted"] else found

    @property
    def lag_ms(self) -> int | None:
        """How long the newest change has been waiting for searches to see it; None when they see it."""
        if self.state is None or (self.state.deleted and self.document is None):
            return None
        seen = self.facts.document
        return max(0, self.state.age_ms) if seen is None or seen["version"] < self.state.version else None

    @property
    def wording(self) -> int | None:
        """The first wording that finds the product; None when none does, or nothing was typed."""
        places = range(len(self.read.wordings)) if self.read.text else ()
        return next((place for place in places if ("wording", place) in self.facts.held), None)

    def words_lacking(self, place: int) -> list[str]:
        """Give the words of a wording that stand nowhere in the product."""
        words = self.read.wordings[place].split()
        return [word for at, word in enumerate(words) if ("anywhere", place, at) not in self.facts.held]
