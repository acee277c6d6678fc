"""Asks how words that no product has are meant, and puts the likeliest spelling in their place; pure, for the climb."""

from collections.abc import Mapping, Sequence
from math import log10
from typing import Any

Option = Mapping[str, Any]

TENFOLD_FREQUENCY = 0.02
"""What ten times as many products are worth, in Elasticsearch's similarity from 0 to 1."""

SAME_LETTERS = 0.1
"""What it is worth that nothing but the order of letters differs: swapped neighbours are the commonest slip."""


def correction_body(text: str) -> dict[str, Any]:
    """Ask for spellings of the words that no product has; also with another first letter ("eyars")."""
    term = {"field": "names", "suggest_mode": "missing", "prefix_length": 0, "min_word_length": 3, "size": 5}
    return {"size": 0, "track_total_hits": False, "suggest": {"words": {"text": text, "term": term}}}


def corrected_text(text: str, response: Mapping[str, Any]) -> str | None:
    """Put the likeliest spelling in place of each word that no product has; None when there is none to put.

    Elasticsearch counts UTF-16 units, so the text is cut in those.
    """
    units = text.encode("utf-16-le")
    pieces: list[bytes] = []
    done = 0
    for word in response.get("suggest", {}).get("words", []):
        start = 2 * word["offset"]
        if word["options"] and start >= done:
            pieces += [units[done:start], likeliest(word["text"], word["options"]).encode("utf-16-le")]
            done = start + 2 * word["length"]
    if not pieces:
        return None
    return b"".join([*pieces, units[done:]]).decode("utf-16-le")


def likeliest(typed: str, options: Sequence[Option]) -> str:
    """Choose by similarity, then by how many products have the word and whether only the order of letters differs."""
    letters = sorted(typed)

    def likelihood(option: Option) -> float:
        swapped = SAME_LETTERS if sorted(option["text"]) == letters else 0.0
        return float(option["score"]) + TENFOLD_FREQUENCY * log10(max(option["freq"], 1)) + swapped

    return str(max(options, key=likelihood)["text"])
