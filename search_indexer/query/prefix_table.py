"""Finds names by the beginning of any of their words, in memory; pure, used by the vocabulary of suggestions.

A sorted list of every name from each of its words on, and two binary searches: what begins with the typed text stands
together. Names cost about 150 bytes a word.
"""

from bisect import bisect_left
from collections.abc import Iterable
from heapq import nsmallest
from typing import Generic, TypeVar

from search_indexer.query.prefix_match import words_of

Item = TypeVar("Item")

LONGEST_KEY = 60
AFTER_ALL = "\U0010ffff"


class PrefixTable(Generic[Item]):
    """Holds names with what they stand for, best first; a name that begins with the text beats one with it inside."""

    def __init__(self, named: Iterable[tuple[str, Item]]) -> None:
        self._items: list[Item] = []
        places: list[tuple[str, int, int]] = []
        for rank, (name, item) in enumerate(named):
            self._items.append(item)
            words = words_of(name)
            places += [(" ".join(words[at:])[:LONGEST_KEY], int(at > 0), rank) for at in range(len(words))]
        places.sort()
        self._keys = [key for key, _, _ in places]
        self._places = [(inside, rank) for _, inside, rank in places]

    def __len__(self) -> int:
        return len(self._items)

    def find(self, typed: str, most: int) -> list[Item]:
        """Give at most so many whose name has a word from which on it begins with what was typed, best first."""
        beginning = " ".join(words_of(typed))[:LONGEST_KEY]
        if not beginning:
            return []
        low, high = bisect_left(self._keys, beginning), bisect_left(self._keys, beginning + AFTER_ALL)
        best = nsmallest(2 * most, self._places[low:high])
        return [self._items[rank] for rank in dict.fromkeys(rank for _, rank in best)][:most]
