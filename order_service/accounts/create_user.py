"""Creating an account: by registration, and by `aisle users create`."""

import re

import msgspec
from sqlalchemy import text

from order_service.accounts.account import Account, account_from
from order_service.accounts.passwords import PasswordHasher
from order_service.database.engine import Database
from order_service.errors import FieldFault, InvalidInput
from order_service.unit_of_work import UnitOfWork, in_unit_of_work

USERNAME = re.compile(r"[\w.@+-]{3,150}")
EMAIL = re.compile(
    r"[^\s@<>(),;:\"\\\[\]\x00-\x1f]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}",
    re.IGNORECASE,
)
EMAIL_MAX = 254
PASSWORD_MIN, PASSWORD_MAX = 8, 256
TOO_COMMON = frozenset(
    {
        "password",
        "password1",
        "password123",
        "passw0rd",
        "qwertyuiop",
        "qwerty123",
        "iloveyou",
        "letmein1",
        "welcome1",
        "sunshine",
        "princess",
        "football",
        "baseball",
        "superman",
        "trustno1",
        "abcd1234",
        "changeme",
        "1q2w3e4r",
        "admin123",
    }
)

INSERT = text("""
INSERT INTO users (username, email, password_hash, role) VALUES (:username, :email, :password_hash, :role)
ON CONFLICT DO NOTHING
RETURNING id, username, email, role, phone, first_name, last_name, created_at
""")

TAKEN = text("""
SELECT coalesce(bool_or(lower(username) = lower(:username)), false) AS username,
       coalesce(bool_or(lower(email) = lower(:email)), false) AS email
FROM users WHERE lower(username) = lower(:username) OR lower(email) = lower(:email)
""")


class NewAccount(msgspec.Struct, frozen=True):
    """What a new account needs; `role` is never taken from a request."""

    username: str
    email: str
    password: str
    role: str = "customer"


async def create_user(database: Database, hasher: PasswordHasher, new: NewAccount) -> Account:
    """Create the account and commit.

    Raises InvalidInput naming `username`, `email` and `password` as far as they are malformed, weak or used.
    """
    faults = account_faults(new)
    if faults:
        raise InvalidInput(faults)
    password_hash = await hasher.hash(new.password)

    async def insert(unit: UnitOfWork) -> Account:
        values = {"username": new.username, "email": new.email, "role": new.role}
        row = (await unit.connection.execute(INSERT, {**values, "password_hash": password_hash})).one_or_none()
        if row:
            return account_from(row)
        taken = (await unit.connection.execute(TAKEN, values)).one()
        raise InvalidInput(
            [FieldFault(name, "is already used") for name in ("username", "email") if getattr(taken, name)]
        )

    return await in_unit_of_work(database, insert)


def account_faults(new: NewAccount) -> list[FieldFault]:
    """List everything that is wrong with the account's fields by themselves."""
    faults = []
    if not USERNAME.fullmatch(new.username):
        faults.append(FieldFault("username", "takes 3 to 150 letters, digits and . @ + - _"))
    if not is_email(new.email):
        faults.append(FieldFault("email", "is not an address such as name@example.com"))
    faults += [FieldFault("password", message) for message in password_faults(new.password, new.username, new.email)]
    return faults


def is_email(address: str) -> bool:
    """Tell whether this has the form of an address that mail can be sent to."""
    return len(address) <= EMAIL_MAX and EMAIL.fullmatch(address) is not None


def password_faults(password: str, username: str, email: str) -> list[str]:
    """Say why a password is too weak; empty when it will do.

    Length, commonness and likeness to the account, after NIST SP 800-63B section 3.1.1.2; no rule on character classes.
    """
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        return [f"takes {PASSWORD_MIN} to {PASSWORD_MAX} characters"]
    lowered = password.lower()
    if lowered in TOO_COMMON or len(set(lowered)) < 4 or lowered.isdigit():  # noqa: PLR2004 - "aaaabbbb" is no password
        return ["is too common"]
    if lowered in {username.lower(), email.lower(), email.lower().partition("@")[0]}:
        return ["is too close to the account's name"]
    return []
