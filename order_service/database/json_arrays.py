"""JSON documents as one parameter, for statements that take many of them; used where rows are written in batches.

The driver escapes every quote of a `jsonb[]` in Python, which took more than half of a placement's processor time.
One document that `jsonb_array_elements` takes apart costs next to nothing.
"""

from collections.abc import Sequence


def json_array(documents: Sequence[str | None]) -> str:
    """Write JSON texts as one array; None becomes `null`, which the statement turns into NULL where it means that."""
    return "[" + ",".join("null" if each is None else each for each in documents) + "]"
