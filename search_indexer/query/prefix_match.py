"""Whether a name has a word that begins, nearly or exactly, with what is being typed; pure, used by suggestions."""

import re
import unicodedata

WORD = re.compile(r"\w+")


def has_word_beginning(name: str, typed: str, *, misspelt: bool) -> bool:
    """Say whether some word of `name` begins with the last word of `typed`; `misspelt` allows for edits."""
    typed_words = words_of(typed)
    if not typed_words:
        return False
    last = typed_words[-1]
    if not misspelt:
        return any(word.startswith(last) for word in words_of(name))
    return any(prefix_distance(last, word) <= allowed_edits(last) for word in words_of(name))


def words_of(text: str) -> list[str]:
    """Split into words without case and accents, as the index's `plain` analyzer does."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return WORD.findall("".join(each for each in decomposed if not unicodedata.combining(each)))


def allowed_edits(word: str) -> int:
    """Give Elasticsearch's `fuzziness: AUTO`: none below 3 characters, one below 6, then two."""
    return (len(word) >= 3) + (len(word) >= 6)  # noqa: PLR2004 - the two bounds are the sentence above


def prefix_distance(typed: str, word: str) -> int:
    """Count the edits (swapped neighbours are one) from `typed` to the nearest beginning of `word`.

    Optimal string alignment (Damerau 1964); a different first letter counts as far, as `prefix_length: 1` does.
    """
    if typed[:1] != word[:1]:
        return len(typed)
    before: list[int] = []
    row = list(range(len(word) + 1))
    for i, letter in enumerate(typed, start=1):
        older, before, row = before, row, [i]
        for j, other in enumerate(word, start=1):
            edits = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == word[j - 2] and typed[i - 2] == other:
                edits = min(edits, older[j - 2] + 1)
            row.append(edits)
    return min(row)
