"""Marks the searched words in a hit's title and description, as HTML; pure, used for the pages of searches.

Elasticsearch analyses every text of a page again to do this, which was a third of the processor time of a search. Here
words are compared by a stem that is always their beginning, so that finding them is searching for substrings. On the
rungs where words are spelt otherwise Elasticsearch still does it.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

LONGEST_MARKED = 10_000
"""Characters of a description that are looked through."""

FRAGMENT = 160
BEFORE = 40
"""Characters of a fragment, and at most how many of them stand before its first marked word."""

ENDINGS = ("ies", "ing", "es", "ed", "s", "y", "e")
SHORTEST_STEM = 3
VOWEL = re.compile("[aeiouy]")
WORD = re.compile(r"\w+")


ESCAPED = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "'": "&#x27;",
        "/": "&#x2F;",
    }  # as the server's encoder does
)


class Found(NamedTuple):
    """One searched word in a text."""

    start: int
    end: int
    stem: str


class _Folds(dict[int, str]):
    """Folds one character to one: case and accents go, and every place in a text stays where it is."""

    def __missing__(self, code: int) -> str:
        plain = unicodedata.normalize("NFKD", chr(code).lower())[:1] or chr(code)
        self[code] = plain
        return plain


_FOLDS = _Folds()


class Marker:
    """Marks the words of the given texts; make one a search."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._stems = {stem(word) for text in texts for word in WORD.findall(folded(text))}

    def highlight(self, title: str, description: str) -> dict[str, str]:
        """Give the whole title and the part of the description that has most of the words, where they have any."""
        in_title = self._found(title)
        in_description = self._found(description[:LONGEST_MARKED])
        marked = {"title": _marked(title, in_title, 0, len(title))} if in_title else {}
        if in_description:
            start, end = _fragment(description, in_description)
            marked["description"] = _marked(description, in_description, start, end)
        return marked

    def _found(self, text: str) -> list[Found]:
        plain = folded(text)
        return sorted(each for stem in self._stems for each in _occurrences(plain, stem))


def folded(text: str) -> str:
    """Fold case and accents, character by character."""
    return text.lower() if text.isascii() else text.translate(_FOLDS)


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Cut the ending of an English word off: "cables", "cable" and "cabling" begin with "cabl"."""
    if not word.isalpha():
        return word
    for ending in ENDINGS:
        rest = word[: -len(ending)]
        if word.endswith(ending) and _is_stem(rest, ending):
            return rest
    return word


def _is_stem(rest: str, ending: str) -> bool:
    if ending == "s":
        return len(rest) > 1 and rest[-1] not in "sui"
    return len(rest) >= SHORTEST_STEM and VOWEL.search(rest) is not None


def _occurrences(plain: str, wanted: str) -> Iterator[Found]:
    start = plain.find(wanted)
    while start >= 0:
        word = WORD.match(plain, start)
        end = word.end() if word else start + len(wanted)
        if word and (start == 0 or not WORD.match(plain, start - 1)) and stem(word.group()) == wanted:
            yield Found(start, end, wanted)
        start = plain.find(wanted, end)


def _fragment(text: str, found: list[Found]) -> tuple[int, int]:
    """Choose the part with most different words, the first of equals, from one blank to another."""
    if len(text) <= FRAGMENT:
        return 0, len(text)
    best = max(found, key=lambda first: len({each.stem for each in found if 0 <= each.start - first.start <= _AFTER}))
    start = 0 if best.start <= BEFORE else text.find(" ", best.start - BEFORE, best.start) + 1 or best.start
    end = len(text) if start + FRAGMENT >= len(text) else text.rfind(" ", best.end, start + FRAGMENT)
    return start, max(end, best.end)


_AFTER = FRAGMENT - BEFORE


def _marked(text: str, found: list[Found], start: int, end: int) -> str:
    pieces: list[str] = []
    done = start
    for each in found:
        if done <= each.start and each.end <= end:
            pieces += [_html(text[done : each.start]), "<em>", _html(text[each.start : each.end]), "</em>"]
            done = each.end
    return "".join([*pieces, _html(text[done:end])])


def _html(text: str) -> str:
    return text.translate(ESCAPED)
