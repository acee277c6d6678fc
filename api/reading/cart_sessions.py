"""The session of a guest's cart, from the header or the body; called by the cart handlers and by sign-in."""

import hmac
import re

from msgspec import UNSET, UnsetType

from api.reading.faults import SessionIdMissing
from order_service.carts.cart import CartOwner
from order_service.errors import FieldFault, InvalidInput

HEADER = "X-Session-Id"
FORM = re.compile(r"[0-9A-Za-z_-]{32,64}")
"""A UUID has 36 characters of these."""


def guest_of(header: str | None, given: str | UnsetType, address: str, secret_key: str) -> CartOwner:
    """Name the guest; the header wins over the body. `address` counts what one client's guests hold together.

    Raises SessionIdMissing without either, InvalidInput for what is no session id.
    """
    session_id = header or (given if given is not UNSET else "")
    if not session_id:
        raise SessionIdMissing
    if not FORM.fullmatch(session_id):
        raise InvalidInput([FieldFault(HEADER, "takes a UUID, or 32 to 64 letters, digits, hyphens and underscores")])
    return CartOwner.of_session(session_id, hmac.digest(secret_key.encode(), b"client:" + address.encode(), "sha256"))
