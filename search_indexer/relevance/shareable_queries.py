"""Whether a query may be shown to others at all, however many typed it; pure, used when completions are learned.

What looks like a person's own (an address, a number, a code, a password) is refused by its form. Refusing too much
costs a completion, refusing too little tells a secret, so every doubt refuses.
"""

import re

SHORTEST, LONGEST = 3, 60
MOST_WORDS = 6
LONGEST_WORD = 20
LONGEST_CODE = 11
"""Characters of a word that has letters and digits; model numbers are that short, tokens are not."""

LONGEST_HEXADECIMAL = 7

ALLOWED = re.compile(r"[^\W_][\w \-.,&'/+%\"()]*")
"""A letter or digit first; the signs that names of goods have, and no @, #, :, =, ?, * or other sign of a code."""

NUMBER = re.compile(r"\d(?:[ ().,/+\-]*\d){5,}")
"""Six digits with whatever stands between: telephone, card, order, account and tracking numbers, dates of birth."""

HEXADECIMAL = re.compile(r"[0-9a-f]+")
ADDRESS = re.compile(r"\bwww\b|\.(?:com|net|org|io|co|de|uk|eu|info)\b")
WORD_END = re.compile(r"[ ,()/\"]+")


def is_shareable(query: str) -> bool:
    """Say whether a normalised query may be offered to others."""
    words = [word for word in WORD_END.split(query) if word]
    return (
        SHORTEST <= len(query) <= LONGEST
        and 0 < len(words) <= MOST_WORDS
        and ALLOWED.fullmatch(query) is not None
        and NUMBER.search(query) is None
        and ADDRESS.search(query) is None
        and any(map(str.isalpha, query))
        and not any(map(_is_code, words))
    )


def _is_code(word: str) -> bool:
    """Whether a word is too long for a word, or mixes letters and digits as only codes do."""
    letters = "".join(each for each in word if each.isalnum())
    has_both = any(map(str.isdigit, letters)) and any(map(str.isalpha, letters))
    is_hexadecimal = has_both and len(letters) > LONGEST_HEXADECIMAL and HEXADECIMAL.fullmatch(letters) is not None
    return len(letters) > LONGEST_WORD or (has_both and len(letters) > LONGEST_CODE) or is_hexadecimal
