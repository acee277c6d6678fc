"""An account as the rest of the system sees it, and the statements that read one."""

from datetime import datetime

import msgspec
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.ids import UserId


class Account(msgspec.Struct, frozen=True):
    """One person who can sign in; the password's hash never leaves `order_service.accounts`."""

    id: UserId
    username: str
    email: str
    role: str
    phone: str
    first_name: str
    last_name: str
    created_at: datetime


BY_ID = text("SELECT id, username, email, role, phone, first_name, last_name, created_at FROM users WHERE id = :id")


def account_from(row: Row[tuple[object, ...]]) -> Account:
    """Build an account from a row that has a column for every field; more columns do no harm."""
    return msgspec.convert({name: getattr(row, name) for name in Account.__struct_fields__}, Account)


async def find_account(connection: AsyncConnection, user_id: UserId) -> Account | None:
    """Read one account by id in the caller's connection."""
    row = (await connection.execute(BY_ID, {"id": user_id})).one_or_none()
    return account_from(row) if row else None
