"""What would help a query that found nothing, and the attempts by which it is looked for; pure, for the diagnosis."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from search_indexer.category_kinds import category_kinds
from search_indexer.query.answers import SearchHit
from search_indexer.query.folded_words import folded_words
from search_indexer.query.rules import Rule
from search_indexer.query.synonyms import LONGEST_TERM, SynonymSet

Action = Literal["add_synonyms", "add_rule", "drop_filters", "nothing"]

SHORTEST_PART = 3
"""Letters of each part of a word that is split."""

LONGEST_TERM_CHARACTERS = 100
LONGEST_RULE_QUERY = 200
"""Characters that the admin API takes; a fix must be fit to be saved as it stands."""

STORE = "store_id"
"""Stands among a search's filters, and asks for a store's stock rather than narrowing."""


class Fix(msgspec.Struct, frozen=True, kw_only=True):
    """What to do: sets to add to the synonyms, a rule to add, or filters that the shop had better not offer here."""

    action: Action
    message: str
    synonyms: SynonymSet | None = None
    rule: Rule | None = None
    filters: dict[str, Any] = {}


class Attempt(NamedTuple):
    """The query in other words, and the synonyms that would make it so."""

    text: str
    fix: SynonymSet


def attempts(query: str, clicked: Iterable[str]) -> Iterator[Attempt]:
    """Give the query with one word replaced: by a clicked query's at the same place, then by itself split in two."""
    words = query.split()
    yield from (attempt for other in clicked if (attempt := _replaced(words, other.split())))
    for place, word in enumerate(words):
        for cut in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
            yield _attempt(words, place, f"{word[:cut]} {word[cut:]}")


def is_term(text: str) -> bool:
    """Whether the text can be a term of the synonyms."""
    return 0 < len(folded_words(text)) <= LONGEST_TERM and len(text) <= LONGEST_TERM_CHARACTERS


def kind_attempts(query: str, nearest: Sequence[SearchHit]) -> list[Attempt]:
    """Give in place of the query each kind of thing that the nearest products by meaning are, commonest first."""
    kinds = [kind.casefold() for hit in nearest for kind in category_kinds(hit.category_name)]
    ordered = sorted(dict.fromkeys(kinds), key=lambda kind: -kinds.count(kind))
    fit = [kind for kind in ordered if is_term(kind) and folded_words(kind) != folded_words(query)]
    return [Attempt(kind, SynonymSet(words=[kind], typed=query)) for kind in fit]


def drops(chosen: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give what may be left out of the filters of a search: each of them alone, and all."""
    filters = {name: value for name, value in chosen.items() if name != STORE}
    alone = [{name: value} for name, value in filters.items()]
    return [*alone, filters] if len(alone) > 1 else alone


def without(chosen: Mapping[str, Any], dropped: Mapping[str, Any]) -> dict[str, Any]:
    """Give the filters that are left."""
    return {name: value for name, value in chosen.items() if name not in dropped}


def dropping(dropped: Mapping[str, Any], count: int) -> Fix:
    """Propose to leave filters out."""
    found = f"Without {' and '.join(dropped)} it finds {count} products"
    stock = " that are out of stock: have them in stock" if "in_stock" in dropped else ""
    message = f"{found}{stock}, or do not offer that choice where it leaves nothing."
    return Fix(action="drop_filters", message=message, filters=dict(dropped))


def wording(fix: SynonymSet) -> Fix:
    """Propose to add a set of synonyms."""
    message = f"Have “{fix.typed}” find what “{fix.words[0]}” finds."
    return Fix(action="add_synonyms", message=message, synonyms=fix)


def redirect(query: str, rules: Sequence[Rule]) -> Fix | None:
    """Propose to send whoever types it elsewhere, by a rule with a number that is free; None for what no rule holds."""
    if not folded_words(query) or len(query) > LONGEST_RULE_QUERY:
        return None
    rule = Rule(id=max((rule.id for rule in rules), default=0) + 1, query=query, redirect="/")
    message = "Nothing near it is sold: take it into the range, or send those who type it to a page of your choice."
    return Fix(action="add_rule", message=message, rule=rule)


NOTHING = Fix(action="nothing", message="It finds products by now; there is nothing to do.")


def _replaced(words: Sequence[str], others: Sequence[str]) -> Attempt | None:
    """Take the one word in which another query of the same length differs; None when it is not just one."""
    if len(words) != len(others) or len(words) == 1:
        return None
    places = [place for place, (word, other) in enumerate(zip(words, others, strict=True)) if word != other]
    return _attempt(words, places[0], others[places[0]]) if len(places) == 1 else None


def _attempt(words: Sequence[str], place: int, meant: str) -> Attempt:
    text = " ".join([*words[:place], meant, *words[place + 1 :]])
    return Attempt(text, SynonymSet(words=[meant], typed=words[place]))
