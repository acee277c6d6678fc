"""Words as synonyms and rules compare them: without case, accents and a plural s; pure."""

import re
import unicodedata
from typing import NamedTuple

WORD = re.compile(r"\w+")
PLURAL = re.compile(r".*[^aeious]s|.{2,}[aeiou]s")
"""Words whose last letter goes: "tvs" and "shoes" are plurals, "gas", "bus" and "glass" are not."""


class FoldedWord(NamedTuple):
    """One word and where it stands in the text that it was found in."""

    folded: str
    start: int
    end: int


def composed(text: str) -> str:
    """Give the text with each accent joined to its letter, as `words_in` wants it."""
    return unicodedata.normalize("NFC", text)


def words_in(text: str) -> list[FoldedWord]:
    """Find the words of a composed text."""
    return [FoldedWord(folded(each.group()), each.start(), each.end()) for each in WORD.finditer(text)]


def folded_words(text: str) -> tuple[str, ...]:
    """Give the folded words of any text."""
    return tuple(each.folded for each in words_in(composed(text)))


def folded(word: str) -> str:
    """Fold one word: "Télés" is "tele"."""
    letters = unicodedata.normalize("NFKD", word.casefold())
    plain = "".join(each for each in letters if not unicodedata.combining(each))
    return plain[:-1] if PLURAL.fullmatch(plain) else plain
