"""What kind of thing a category holds: the head word of its name, in one field of the index; pure.

In English the last word of a name says what the thing is and the words before it which: a "notebook case" is a case
and a "data projector" a projector. So somebody who types "notebook" means products of kind "notebook", though more
cases than notebooks have that word in their titles.
"""

import re

PARTS = re.compile(r"[,;()&]")
NOT_A_KIND = frozenset({"other", "others", "miscellaneous", "accessories"})
"""Last words that say where a thing was put, not what it is."""


def category_kinds(name: str) -> list[str]:
    """Give the head of each alternative: "headphones/headset" holds headphones and headsets; "other" says nothing."""
    heads = [head for part in PARTS.split(name) for head in _heads(part)]
    return [head for head in dict.fromkeys(heads) if head.casefold() not in NOT_A_KIND]


def _heads(part: str) -> list[str]:
    """Give the last words between slashes; in "camera/camcorder battery" the last word is the head of both."""
    alternatives = [words for each in part.split("/") if (words := each.split())]
    if alternatives and len(alternatives[-1]) > 1:
        return [alternatives[-1][-1]]
    return [words[-1] for words in alternatives]
