"""The id of a request: the client's own where it is sane, else a new one; `handler` sends it back."""

import re

import uuid_utils.compat

HEADER = "X-Request-Id"
SANE = re.compile(r"[A-Za-z0-9._-]{1,128}")


def request_id_of(sent: str | None) -> str:
    """Keep an id of at most 128 letters, digits, dots, underscores and hyphens; make a UUIDv7 otherwise."""
    return sent if sent and SANE.fullmatch(sent) else str(uuid_utils.compat.uuid7())
