"""The body of every error answer (RFC 9457); made by `api.problems`."""

from typing import Any

import msgspec


class FieldError(msgspec.Struct, frozen=True):
    """One faulty field: its path as the client wrote it (`items[0].quantity`), or the header's or parameter's name."""

    field: str
    message: str


class Problem(msgspec.Struct, frozen=True):
    """One error; `type` resolves to a page about it, `extra` members are written beside the others."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    errors: list[FieldError] = []
    extra: dict[str, Any] = {}

    def to_json(self) -> bytes:
        """Encode it with the extra members at the top level, as RFC 9457 section 3.2 has them."""
        members = msgspec.structs.asdict(self)
        del members["extra"]
        return msgspec.json.encode({**members, **self.extra})
