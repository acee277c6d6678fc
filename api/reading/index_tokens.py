"""The `Index-Token` of a write, which a search may send back to see that write; made and read by the handlers.

It is the base64url form of `id:version` pairs, and opaque to clients.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping

from order_service.errors import FieldFault, InvalidInput

HEADER = "Index-Token"
FORM = re.compile(r"(\d{1,18}):(\d{1,18})", re.ASCII)
MAX_LENGTH = 1_000


def to_token(versions: Mapping[int, int]) -> str:
    """Name the versions of products that a write left behind."""
    pairs = ",".join(f"{product}:{version}" for product, version in versions.items())
    return urlsafe_b64encode(pairs.encode()).decode().rstrip("=")


def read_tokens(header: str) -> dict[int, int]:
    """Read one or several tokens (comma between); the highest version of a product counts. Raises InvalidInput."""
    versions: dict[int, int] = {}
    try:
        for token in header[: MAX_LENGTH + 1].split(","):
            for product, version in _pairs(token.strip()):
                versions[product] = max(version, versions.get(product, 0))
    except ValueError as error:
        raise InvalidInput([FieldFault(HEADER, "is not a token that a write answered with")]) from error
    return versions


def _pairs(token: str) -> list[tuple[int, int]]:
    if len(token) > MAX_LENGTH:
        raise ValueError("longer than any token")
    text = urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode("ascii")
    matches = [FORM.fullmatch(pair) for pair in text.split(",")]
    if not all(matches):
        raise ValueError("not pairs of id and version")
    return [(int(match[1]), int(match[2])) for match in matches if match]
