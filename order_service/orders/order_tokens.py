"""The token by which a guest reads the order they placed: derived from its id and the installation's key.

Nothing is stored, so an idempotent replay gives the same token again.
"""

import base64
import hmac

from schemas.ids import OrderId
from schemas.settings import AuthSettings


def order_token(settings: AuthSettings, order_id: OrderId) -> str:
    """Give the token of this order, 43 URL-safe characters."""
    digest = hmac.digest(settings.secret_key.encode(), b"order:" + order_id.bytes, "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def is_order_token(settings: AuthSettings, order_id: OrderId, token: str) -> bool:
    """Tell whether the token belongs to this order, in constant time."""
    return hmac.compare_digest(order_token(settings, order_id).encode(), token.encode("utf-8", "replace"))
