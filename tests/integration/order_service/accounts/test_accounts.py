"""Accounts from registration to the last refresh, on real Postgres."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import text

from order_service.accounts.access_tokens import TokenSigner
from order_service.accounts.account import Account
from order_service.accounts.create_user import NewAccount, create_user
from order_service.accounts.passwords import PasswordHasher
from order_service.accounts.profile import ProfileChanges, change_profile, read_profile
from order_service.accounts.refresh_tokens import rotate_refresh_token
from order_service.accounts.sign_in import FAILURES_PER_ACCOUNT, SignIn, sign_in
from order_service.database.engine import Database
from order_service.errors import InvalidInput, NotAuthenticated, NotFound, TooManyAttempts
from schemas.ids import UserId
from schemas.settings import AuthSettings

pytestmark = pytest.mark.servers

PASSWORD = "Correct-horse-1"  # noqa: S105 - of an account that lives as long as this test


@pytest.fixture(scope="module")
def hasher() -> Iterator[PasswordHasher]:
    made = PasswordHasher()
    yield made
    made.close()


@pytest.fixture
def auth(settings_of: Callable[[type[Any]], Any]) -> AuthSettings:
    loaded: AuthSettings = settings_of(AuthSettings)
    return loaded


@pytest.fixture
async def account(database: Database, hasher: PasswordHasher) -> Account:
    name = "u" + uuid.uuid4().hex[:12]
    return await create_user(database, hasher, NewAccount(name, f"{name}@example.com", PASSWORD))


@pytest.fixture
def sign_in_as(database: Database, hasher: PasswordHasher, auth: AuthSettings) -> Callable[..., Any]:
    async def attempt(login: str, password: str = PASSWORD, client_address: str | None = None) -> SignIn:
        return await sign_in(
            database, hasher, TokenSigner(auth), auth,
            login=login, password=password, client_address=client_address or uuid.uuid4().hex,
        )  # fmt: skip

    return attempt


async def test_a_used_name_or_address_is_named_in_any_letter_case(
    database: Database, hasher: PasswordHasher, account: Account
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await create_user(database, hasher, NewAccount(account.username.upper(), account.email.upper(), PASSWORD))
    assert [fault.field for fault in refused.value.faults] == ["username", "email"]


async def test_a_customer_signs_in_by_name_or_address(account: Account, sign_in_as: Callable[..., Any]) -> None:
    for login in (account.username.upper(), account.email.upper()):
        session = await sign_in_as(login)
        assert session.account == account
        assert session.expires_in == 900


async def test_a_wrong_password_and_an_unknown_account_are_the_same(
    account: Account, sign_in_as: Callable[..., Any]
) -> None:
    for login, password in ((account.username, "wrong-password"), ("nobody-" + uuid.uuid4().hex, PASSWORD)):
        with pytest.raises(NotAuthenticated):
            await sign_in_as(login, password)


async def test_guessing_is_stopped_and_a_success_forgets_earlier_failures(
    account: Account, sign_in_as: Callable[..., Any]
) -> None:
    for _ in range(FAILURES_PER_ACCOUNT - 1):
        with pytest.raises(NotAuthenticated):
            await sign_in_as(account.username, "wrong-password")
    await sign_in_as(account.username)
    for _ in range(FAILURES_PER_ACCOUNT):
        with pytest.raises(NotAuthenticated):
            await sign_in_as(account.username, "wrong-password")
    with pytest.raises(TooManyAttempts):
        await sign_in_as(account.username)


async def test_a_refresh_rotates_and_reuse_revokes_the_family(
    database: Database, auth: AuthSettings, account: Account, sign_in_as: Callable[..., Any]
) -> None:
    first = (await sign_in_as(account.username)).refresh
    second = (await rotate_refresh_token(database, auth, first)).refresh
    third = (await rotate_refresh_token(database, auth, second)).refresh
    assert len({first, second, third}) == 3
    for token in (first, third):
        with pytest.raises(NotAuthenticated):
            await rotate_refresh_token(database, auth, token)


async def test_a_lost_answer_may_be_asked_for_again_while_the_new_token_is_unused(
    database: Database, auth: AuthSettings, account: Account, sign_in_as: Callable[..., Any]
) -> None:
    first = (await sign_in_as(account.username)).refresh
    answer = await rotate_refresh_token(database, auth, first)
    assert await rotate_refresh_token(database, auth, first) == answer


async def test_after_the_grace_time_reuse_revokes(
    database: Database, auth: AuthSettings, account: Account, sign_in_as: Callable[..., Any]
) -> None:
    first = (await sign_in_as(account.username)).refresh
    answer = await rotate_refresh_token(database, auth, first)
    async with database.writes.begin() as connection:
        await connection.execute(
            text("UPDATE refresh_tokens SET used_at = used_at - interval '11 s' WHERE user_id = :id"),
            {"id": account.id},
        )
    for token in (first, answer.refresh):
        with pytest.raises(NotAuthenticated):
            await rotate_refresh_token(database, auth, token)


@pytest.mark.parametrize("token", ["", "x", "\udcff", "ж"])
async def test_what_is_no_refresh_token_is_refused(database: Database, auth: AuthSettings, token: str) -> None:
    with pytest.raises(NotAuthenticated):
        await rotate_refresh_token(database, auth, token)


async def test_an_expired_refresh_token_is_refused(
    database: Database, auth: AuthSettings, account: Account, sign_in_as: Callable[..., Any]
) -> None:
    token = (await sign_in_as(account.username)).refresh
    async with database.writes.begin() as connection:
        await connection.execute(
            text("UPDATE refresh_tokens SET expires_at = now() WHERE user_id = :id"), {"id": account.id}
        )
    with pytest.raises(NotAuthenticated):
        await rotate_refresh_token(database, auth, token)


async def test_a_profile_is_read_and_changed(database: Database, account: Account) -> None:
    changed = await change_profile(database, account.id, ProfileChanges(phone="+37060000000", first_name="Ann"))
    assert (changed.phone, changed.first_name, changed.email) == ("+37060000000", "Ann", account.email)
    assert await read_profile(database, account.id) == changed


async def test_a_profile_cannot_take_anothers_address(
    database: Database, hasher: PasswordHasher, account: Account
) -> None:
    name = "u" + uuid.uuid4().hex[:12]
    other = await create_user(database, hasher, NewAccount(name, f"{name}@example.com", PASSWORD))
    with pytest.raises(InvalidInput, match="email"):
        await change_profile(database, other.id, ProfileChanges(email=account.email.upper()))
    with pytest.raises(InvalidInput, match="phone"):
        await change_profile(database, other.id, ProfileChanges(phone="call me"))


async def test_a_missing_account_has_no_profile(database: Database) -> None:
    with pytest.raises(NotFound):
        await read_profile(database, UserId(10**9))
    with pytest.raises(NotFound):
        await change_profile(database, UserId(10**9), ProfileChanges(phone="+370 600 00000"))
