"""The one spelling of SKUs, GTINs and model numbers that index and query compare; pure."""

import re
import unicodedata

LONGEST = 128
"""Characters; longer text is prose, not an identifier."""

NOT_ALPHANUMERIC = re.compile(r"[\W_]+")


def normalized_identifier(text: str) -> str:
    """Fold case, width and punctuation ("SA1-VBE04RW/17" is "sa1vbe04rw17"); "" when it is no identifier.

    Leading zeros of plain numbers go too: a GTIN-12, its GTIN-13 and its GTIN-14 form are one number.
    """
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    folded = NOT_ALPHANUMERIC.sub("", plain.casefold())
    if len(folded) > LONGEST:
        return ""
    if folded.isdecimal():
        return folded.lstrip("0")
    return folded


def identifier_in_query(words: str) -> str:
    """Normalise a query that may be one identifier: a single word, or words with a digit among them; else ""."""
    if len(words.split()) > 1 and not any(character.isdigit() for character in words):
        return ""
    return normalized_identifier(words)
