"""Who made a row of the shop's configuration and who changed it last; part of what staff read."""

from datetime import datetime
from typing import Any, Self

import msgspec


class ChangeRecord(msgspec.Struct, frozen=True):
    """Names as in the ledgers (`user:17`) and times of the first and the latest write."""

    created_by: str
    updated_by: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def taken_from(cls, columns: dict[str, Any]) -> Self:
        """Take the four columns out of a row."""
        return cls(*(columns.pop(name) for name in cls.__struct_fields__))
