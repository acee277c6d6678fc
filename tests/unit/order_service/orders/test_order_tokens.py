"""The token that lets a guest read their order."""

from uuid import UUID

from order_service.orders.order_tokens import is_order_token, order_token
from schemas.ids import OrderId
from schemas.settings import AuthSettings

SETTINGS = AuthSettings(secret_key="k" * 40)
ORDER, OTHER = OrderId(UUID(int=1)), OrderId(UUID(int=2))


def test_a_token_opens_its_own_order_only() -> None:
    token = order_token(SETTINGS, ORDER)
    assert is_order_token(SETTINGS, ORDER, token)
    assert not is_order_token(SETTINGS, OTHER, token)


def test_a_token_of_another_installation_or_of_odd_characters_opens_nothing() -> None:
    assert not is_order_token(AuthSettings(secret_key="j" * 40), ORDER, order_token(SETTINGS, ORDER))
    assert not is_order_token(SETTINGS, ORDER, "\udcff")
