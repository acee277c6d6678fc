"""The form of titles that they are sorted and completed by, the same when indexed and when asked for; pure."""

import unicodedata

LONGEST = 256
"""Characters; titles that agree so far are in the order of their ids."""


def sortable_title(title: str) -> str:
    """Fold case and accents and cut to LONGEST characters."""
    folded = title.strip().casefold()
    if folded.isascii():
        return folded[:LONGEST]
    decomposed = unicodedata.normalize("NFKD", folded)
    return "".join(each for each in decomposed if not unicodedata.combining(each))[:LONGEST]
