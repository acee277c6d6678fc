"""Signing in by name or address and password, with failures counted in Postgres so that no restart forgets them."""

import msgspec
from sqlalchemy import text

from order_service.accounts.access_tokens import TokenSigner
from order_service.accounts.account import Account, account_from
from order_service.accounts.passwords import PasswordHasher
from order_service.accounts.refresh_tokens import issue_refresh_token
from order_service.database.engine import Database, translated_errors
from order_service.errors import NotAuthenticated, TooManyAttempts
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.settings import AuthSettings

WINDOW_MINUTES = 15
FAILURES_PER_ACCOUNT = 20
FAILURES_PER_ADDRESS = 200

BY_LOGIN = text("""
SELECT id, username, email, role, phone, first_name, last_name, created_at, password_hash
FROM users WHERE lower(email) = lower(:login) OR lower(username) = lower(:login)
ORDER BY (lower(email) = lower(:login)) DESC LIMIT 1
""")

FAILURES = text("""
SELECT count(*) FILTER (WHERE subject = :account) AS account, count(*) FILTER (WHERE subject = :address) AS address
FROM failed_sign_ins
WHERE subject IN (:account, :address) AND failed_at > now() - make_interval(mins => :minutes)
""")

RECORD_FAILURE = text("INSERT INTO failed_sign_ins (subject) VALUES (:account), (:address)")
FORGET_FAILURES = text("DELETE FROM failed_sign_ins WHERE subject = :account")


class SignIn(msgspec.Struct, frozen=True):
    """A new session; `expires_in` is the access token's lifetime in seconds."""

    account: Account
    access: str
    refresh: str
    expires_in: int


async def sign_in(  # noqa: PLR0913 - the collaborators of one use case, each passed by the caller
    database: Database,
    hasher: PasswordHasher,
    signer: TokenSigner,
    settings: AuthSettings,
    *,
    login: str,
    password: str,
    client_address: str,
) -> SignIn:
    """Start a session for the account with this username or e-mail address; commits.

    Raises NotAuthenticated (the same for an unknown account and a wrong password, after the same time), and
    TooManyAttempts after 20 failures on one account or 200 from one address within 15 minutes.
    """
    subjects = {"account": f"account:{login.lower()}"[:300], "address": f"address:{client_address}"}
    async with translated_errors(), database.reads.connect() as connection:
        failures = (await connection.execute(FAILURES, {**subjects, "minutes": WINDOW_MINUTES})).one()
        row = (await connection.execute(BY_LOGIN, {"login": login})).one_or_none()
    if failures.account >= FAILURES_PER_ACCOUNT or failures.address >= FAILURES_PER_ADDRESS:
        raise TooManyAttempts(retry_after=WINDOW_MINUTES * 60)
    if not await hasher.verify(row.password_hash if row else None, password) or row is None:
        await in_unit_of_work(database, lambda unit: unit.connection.execute(RECORD_FAILURE, subjects))
        raise NotAuthenticated
    account = account_from(row)

    async def start(unit: UnitOfWork) -> str:
        if failures.account:
            await unit.connection.execute(FORGET_FAILURES, subjects)
        return await issue_refresh_token(unit, settings, account.id)

    refresh = await in_unit_of_work(database, start)
    return SignIn(account, signer.sign(account), refresh, signer.lifetime_s)
