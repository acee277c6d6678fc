"""The `Idempotency-Key` of a request: whose it is, for which route, and the digest of what was asked; for handlers.

After draft-ietf-httpapi-idempotency-key-header: quoted and bare keys mean the same.
"""

import hashlib
import re
from typing import Any

import msgspec

from order_service.accounts.access_tokens import Principal
from order_service.errors import FieldFault, InvalidInput
from order_service.idempotency.claim_keys import IdempotencyKey

HEADER = "Idempotency-Key"
PRINTABLE = re.compile(r"[\x21-\x7e]{1,255}")


def read_key(header: str | None) -> str | None:
    """Give the bare key, None without the header; raises InvalidInput unless it has 1 to 255 printable characters."""
    if header is None:
        return None
    key = header.strip()
    if len(key) > 1 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not PRINTABLE.fullmatch(key):
        raise InvalidInput([FieldFault(HEADER, "takes 1 to 255 printable ASCII characters without spaces")])
    return key


def idempotency_key(key: str | None, owner: str, route: str, asked: Any) -> IdempotencyKey | None:
    """Bind the key to its owner and route; `asked` is what the body means, so that its spelling does not matter."""
    if key is None:
        return None
    canonical = msgspec.json.encode(msgspec.to_builtins(asked), order="sorted")
    return IdempotencyKey(f"{owner} {route}", key, hashlib.sha256(canonical).digest())


def owner_of(principal: Principal | None, email: str | None, address: str) -> str:
    """Name whose key it is: the user; else a guest, told apart by the e-mail address given or the client's address."""
    if principal:
        return f"user:{principal.user_id}"
    return f"guest:{(email or address).lower()}"
