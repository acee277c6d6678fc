"""Signing and checking access tokens."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest

from order_service.accounts.access_tokens import TokenSigner
from order_service.accounts.account import Account
from order_service.errors import NotAuthenticated
from schemas.ids import UserId
from schemas.settings import AuthSettings

KEY = "k" * 40
SIGNER = TokenSigner(AuthSettings(secret_key=KEY))
ACCOUNT = Account(UserId(7), "ann", "ann@example.com", "staff", "", "", "", datetime(2026, 1, 2, tzinfo=UTC))


def forged(header: dict[str, str] | None = None, key: str = KEY, **changes: object) -> str:
    now = datetime.now(UTC)
    claims = {
        "iss": "aisle", "aud": "aisle-api", "sub": "7", "role": "staff", "iat": now, "exp": now + timedelta(minutes=5),
        **changes,
    }  # fmt: skip
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, key, "HS256", header)


def test_a_signed_token_says_who_calls() -> None:
    principal = SIGNER.verify(SIGNER.sign(ACCOUNT))
    assert (principal.user_id, principal.role, principal.is_staff) == (7, "staff", True)


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "",
        "a.b.c",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
        SIGNER.sign(ACCOUNT)[:-3] + "abc",
        forged(),
        forged({"typ": "at+jwt"}, key="j" * 40),
        forged({"typ": "at+jwt"}, iss="other"),
        forged({"typ": "at+jwt"}, aud="other"),
        forged({"typ": "at+jwt"}, sub="seven"),
        forged({"typ": "at+jwt"}, role="owner"),
        forged({"typ": "at+jwt"}, exp=None),
        forged({"typ": "at+jwt"}, exp=datetime.now(UTC) - timedelta(seconds=1)),
    ],
)
def test_a_forged_foreign_or_expired_token_is_refused(token: str) -> None:
    with pytest.raises(NotAuthenticated):
        SIGNER.verify(token)
