"""Makes typed text safe and bounded before anything is built from it; pure, used by every query."""

import unicodedata

LONGEST_QUERY = 400
"""Characters that count; longer texts are pasted, not typed, and their beginning says what is meant."""

MOST_WORDS = 32


def readable(text: str) -> str:
    """Give the text without control characters, lone surrogates and surplus blanks, cut to the bounds; "" is possible.

    Format characters (zero-width joiners, direction marks) stay: scripts and emoji need them, and analysis drops them.
    """
    kept = (" " if unicodedata.category(each) in {"Cc", "Cs", "Cn"} else each for each in text[: 4 * LONGEST_QUERY])
    return " ".join("".join(kept).split()[:MOST_WORDS])[:LONGEST_QUERY].rstrip()
