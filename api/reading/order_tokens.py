"""Who may see an order: its owner, staff, and whoever holds the token of a guest's order; called by the handlers."""

from api.reading.faults import TokenMissing
from order_service.accounts.access_tokens import Principal
from order_service.errors import NotFound
from order_service.orders.order import Order
from order_service.orders.order_tokens import is_order_token
from schemas.settings import AuthSettings

HEADER = "X-Order-Token"


def check_somebody(principal: Principal | None, token: str | None) -> None:
    """Raise TokenMissing unless the caller shows anything at all."""
    if principal is None and token is None:
        raise TokenMissing


def check_visible(order: Order, principal: Principal | None, token: str | None, settings: AuthSettings) -> None:
    """Raise NotFound unless the caller may see the order."""
    if not _may_see(order, principal, token, settings):
        raise NotFound("order", str(order.id))


def _may_see(order: Order, principal: Principal | None, token: str | None, settings: AuthSettings) -> bool:
    if principal and (principal.is_staff or order.user_id == principal.user_id):
        return True
    if token is None or order.user_id is not None:
        return False
    return is_order_token(settings, order.id, token)
