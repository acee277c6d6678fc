"""Who may call what, and under which name they are counted."""

from datetime import UTC, datetime

import pytest

from api.access import Access, Rule, check_access, client_key, counted_scopes, read_principal
from api.reading.faults import Forbidden, InvalidToken, TokenMissing
from order_service.accounts.access_tokens import Principal, TokenSigner
from order_service.accounts.account import Account
from schemas.ids import UserId
from schemas.settings import AuthSettings

SIGNER = TokenSigner(AuthSettings(secret_key="k" * 32))
ACCOUNT = Account(UserId(5), "name", "a@b.co", "staff", "", "", "", datetime(2026, 1, 1, tzinfo=UTC))
CUSTOMER, STAFF, ADMIN = (Principal(UserId(1), role) for role in ("customer", "staff", "admin"))


def test_a_bearer_token_names_the_caller_whatever_the_case_of_its_scheme() -> None:
    token = SIGNER.sign(ACCOUNT)
    assert (
        read_principal(f"Bearer {token}", SIGNER)
        == read_principal(f"bearer  {token}", SIGNER)
        == Principal(UserId(5), "staff")
    )


def test_no_header_is_no_caller() -> None:
    assert read_principal(None, SIGNER) is None
    assert read_principal("", SIGNER) is None


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer x", "Basic abc", "x", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."]
)
def test_anything_else_is_refused(header: str) -> None:
    with pytest.raises(InvalidToken):
        read_principal(header, SIGNER)


@pytest.mark.parametrize(
    ("access", "principal", "refusal"),
    [
        (Access.ANYONE, None, None),
        (Access.CUSTOMER, None, TokenMissing),
        (Access.CUSTOMER, CUSTOMER, None),
        (Access.CUSTOMER, STAFF, None),
        (Access.STAFF, None, TokenMissing),
        (Access.STAFF, CUSTOMER, Forbidden),
        (Access.STAFF, STAFF, None),
        (Access.STAFF, ADMIN, None),
    ],
)
def test_who_is_less_than_the_rule_asks_is_refused(
    access: Access, principal: Principal | None, refusal: type[Exception] | None
) -> None:
    if refusal is None:
        check_access(access, principal)
    else:
        with pytest.raises(refusal):
            check_access(access, principal)


def test_users_are_counted_by_name_and_others_by_address() -> None:
    assert client_key(CUSTOMER, "1.2.3.4") == "user:1"
    assert client_key(None, "1.2.3.4") == "ip:1.2.3.4"
    assert client_key(None, "2001:db8:1:2:3::4") == client_key(None, "2001:db8:1:2:9::9") == "ip:2001:db8:1:2"


def test_the_general_scope_comes_first() -> None:
    rule = Rule(Access.ANYONE, ("suggest",))
    assert counted_scopes(rule, None) == ("anon", "suggest")
    assert counted_scopes(rule, CUSTOMER) == ("user", "suggest")
