"""Synonyms of staff, applied to what was typed: the same text in other words; pure, used by `merchandising`.

They are applied here and not by an analyzer, so that a new set is in effect without touching the index.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, product
from typing import NamedTuple

import msgspec

from search_indexer.query.folded_words import FoldedWord, composed, folded_words, words_in
from search_indexer.query.typed_text import readable

MOST_VARIANTS = 12
MOST_VARIANT_WORDS = 64
"""Words of all variants together; bounds the clauses of the query whatever is typed."""

LONGEST_TERM = 8
"""Words of one term."""

Words = tuple[str, ...]


class SynonymSet(msgspec.Struct, frozen=True, kw_only=True):
    """Terms that mean the same; with `typed`, whoever types that finds `words` too, and not the other way round."""

    words: list[str]
    typed: str | None = None


class SynonymTable(NamedTuple):
    """For each term, as folded words, what may be meant by it: itself among others where the set works both ways."""

    others: dict[Words, tuple[str, ...]]
    longest: int


NO_SYNONYMS = SynonymTable({}, 0)


class _Found(NamedTuple):
    start: int
    end: int
    others: tuple[str, ...]


def synonym_table(sets: Iterable[SynonymSet]) -> SynonymTable:
    """Make the table of all sets; a term of several sets gets the terms of each."""
    others: dict[Words, dict[Words, str]] = {}
    for each in sets:
        meant = {folded_words(word): readable(word) for word in each.words}
        for term in meant if each.typed is None else [folded_words(each.typed)]:
            others.setdefault(term, {}).update(meant)
    known = {term: tuple(found.values()) for term, found in others.items() if term}
    return SynonymTable(known, max(map(len, known), default=0))


def variants(text: str, table: SynonymTable) -> list[str]:
    """Give the text as it was typed, then in other words, one replacement before several; at most 12 texts."""
    if not table.others:
        return [text]
    whole = composed(text)
    words = words_in(whole)
    found = [_otherwise(whole, each) for each in _found(words, table)]
    most = min(MOST_VARIANTS, max(1, MOST_VARIANT_WORDS // max(1, len(words))))
    replaced = (_replaced(whole, found, choice) for choice in _choices([each.others for each in found]))
    return list(dict.fromkeys(chain([text], islice(replaced, most - 1))))


def _found(words: Sequence[FoldedWord], table: SynonymTable) -> Iterator[_Found]:
    """Find terms from left to right, the longest at each place."""
    position = 0
    while position < len(words):
        for length in range(min(table.longest, len(words) - position), 0, -1):
            term = tuple(each.folded for each in words[position : position + length])
            if term in table.others:
                yield _Found(words[position].start, words[position + length - 1].end, table.others[term])
                position += length
                break
        else:
            position += 1


def _otherwise(text: str, found: _Found) -> _Found:
    """Leave out the term that stands there already; in the plural it is kept, for words that no stemmer knows."""
    typed = text[found.start : found.end].casefold()
    return found._replace(others=tuple(term for term in found.others if term.casefold() != typed))


def _choices(others: Sequence[tuple[str, ...]]) -> Iterator[tuple[str | None, ...]]:
    """Give what to put at each place found, None for what was typed: single replacements first, then several."""
    for place, terms in enumerate(others):
        for term in terms:
            yield tuple(term if each == place else None for each in range(len(others)))
    for choice in product(*[(None, *terms) for terms in others]):
        if len(choice) - choice.count(None) > 1:
            yield choice


def _replaced(text: str, found: Sequence[_Found], choice: Sequence[str | None]) -> str:
    pieces: list[str] = []
    done = 0
    for place, term in zip(found, choice, strict=True):
        if term is not None:
            pieces += [text[done : place.start], term]
            done = place.end
    return "".join([*pieces, text[done:]])
