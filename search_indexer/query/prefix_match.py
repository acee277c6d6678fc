"""What misspelt words that are being typed were meant to be, by words that were found; pure, used by suggestions."""

import re
import unicodedata
from collections.abc import Iterable

WORD = re.compile(r"\w+")


def words_as_meant(typed: str, names: Iterable[str]) -> str:
    """Write each typed word as the nearest word of the names has it; the last one stays a beginning.

    A word that is far from all of them, or is the beginning of one, stays as it was typed.
    """
    found = {word for name in names for word in words_of(name)}
    words = words_of(typed)
    meant = [_as_meant(word, found, is_last=at == len(words) - 1) for at, word in enumerate(words)]
    return " ".join(meant)


def _as_meant(typed: str, found: Iterable[str], *, is_last: bool) -> str:
    near = [(*nearest_beginning(typed, word), word) for word in found if word[:1] == typed[:1]]
    if not near:
        return typed
    edits, length, word = min(near)
    if edits > allowed_edits(typed):
        return typed
    return word[:length] if is_last else word


def words_of(text: str) -> list[str]:
    """Split into words without case and accents, as the index's `plain` analyzer does."""
    if text.isascii():
        return WORD.findall(text.lower())
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return WORD.findall("".join(each for each in decomposed if not unicodedata.combining(each)))


def allowed_edits(word: str) -> int:
    """Give Elasticsearch's `fuzziness: AUTO`: none below 3 characters, one below 6, then two."""
    return (len(word) >= 3) + (len(word) >= 6)  # noqa: PLR2004 - the two bounds are the sentence above


def nearest_beginning(typed: str, word: str) -> tuple[int, int]:
    """Count the edits (swapped neighbours are one) from `typed` to the nearest beginning of `word`; give its length.

    Optimal string alignment (Damerau 1964); a different first letter counts as far, as `prefix_length: 1` does.
    """
    if typed[:1] != word[:1]:
        return len(typed), 0
    before: list[int] = []
    row = list(range(len(word) + 1))
    for i, letter in enumerate(typed, start=1):
        older, before, row = before, row, [i]
        for j, other in enumerate(word, start=1):
            edits = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == word[j - 2] and typed[i - 2] == other:
                edits = min(edits, older[j - 2] + 1)
            row.append(edits)
    fewest = min(row)
    return fewest, max(length for length, edits in enumerate(row) if edits == fewest)
