"""Reading and changing one's own profile."""

import re

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from order_service.accounts.account import Account, account_from, find_account
from order_service.accounts.create_user import is_email
from order_service.database.engine import Database, translated_errors
from order_service.errors import FieldFault, InvalidInput, NotFound
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.ids import UserId

PHONE = re.compile(r"\+?[0-9][0-9 ().-]{3,30}|")
NAME_MAX = 150

UPDATE = text("""
UPDATE users SET email = coalesce(:email, email), phone = coalesce(:phone, phone),
       first_name = coalesce(:first_name, first_name), last_name = coalesce(:last_name, last_name), updated_at = now()
WHERE id = :id
RETURNING id, username, email, role, phone, first_name, last_name, created_at
""")


class ProfileChanges(msgspec.Struct, frozen=True):
    """The fields that an owner may change; an unset one stays."""

    email: str | UnsetType = UNSET
    phone: str | UnsetType = UNSET
    first_name: str | UnsetType = UNSET
    last_name: str | UnsetType = UNSET


async def read_profile(database: Database, user_id: UserId) -> Account:
    """Read the account; raises NotFound when it is gone."""
    async with translated_errors(), database.reads.connect() as connection:
        account = await find_account(connection, user_id)
    if account is None:
        raise NotFound("account", str(user_id))
    return account


async def change_profile(database: Database, user_id: UserId, changes: ProfileChanges) -> Account:
    """Apply the changes, commit and return the account; raises InvalidInput for every faulty field, or NotFound."""
    faults = profile_faults(changes)
    if faults:
        raise InvalidInput(faults)
    values = {name: None if value is UNSET else value for name, value in msgspec.structs.asdict(changes).items()}

    async def update(unit: UnitOfWork) -> Account:
        try:
            row = (await unit.connection.execute(UPDATE, {**values, "id": user_id})).one_or_none()
        except IntegrityError as error:
            raise InvalidInput([FieldFault("email", "is already used")]) from error
        if row is None:
            raise NotFound("account", str(user_id))
        return account_from(row)

    return await in_unit_of_work(database, update)


def profile_faults(changes: ProfileChanges) -> list[FieldFault]:
    """List everything that is wrong with the changed fields by themselves."""
    faults = []
    if changes.email is not UNSET and not is_email(changes.email):
        faults.append(FieldFault("email", "is not an address such as name@example.com"))
    if changes.phone is not UNSET and not PHONE.fullmatch(changes.phone):
        faults.append(FieldFault("phone", "is not a telephone number such as +370 600 00000"))
    for name in ("first_name", "last_name"):
        value = getattr(changes, name)
        if value is not UNSET and (len(value) > NAME_MAX or not value.isprintable()):
            faults.append(FieldFault(name, f"takes at most {NAME_MAX} printable characters"))
    return faults
