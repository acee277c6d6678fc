"""Bodies of `/auth`; what makes a name, an address or a password acceptable is decided in `order_service.accounts`."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

Entry = Annotated[str, Meta(min_length=1, max_length=300)]
PersonName = Annotated[str, Meta(max_length=150)]
Phone = Annotated[str, Meta(max_length=32)]


class RegistrationBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person who wants an account; `password_confirm` is checked where it is given."""

    username: Entry
    email: Entry
    password: Entry
    password_confirm: Entry | UnsetType = UNSET


class LoginBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Exactly one of the two names, and the password."""

    email: Entry | UnsetType = UNSET
    username: Entry | UnsetType = UNSET
    password: Entry


class RefreshBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The refresh token of the session to go on with."""

    refresh: Entry


class ProfileChangesBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields of one's own profile that may be changed here."""

    email: Entry | UnsetType = UNSET
    phone: Phone | UnsetType = UNSET
    first_name: PersonName | UnsetType = UNSET
    last_name: PersonName | UnsetType = UNSET


class ProfileBody(msgspec.Struct, frozen=True, kw_only=True):
    """One account as its owner sees it."""

    id: int
    username: str
    email: str
    role: str
    phone: str
    first_name: str
    last_name: str
    created_at: datetime


class SessionBody(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens of a session; `expires_in` is the access token's lifetime in seconds."""

    access: str
    refresh: str
    expires_in: int
    token_type: str = "Bearer"  # noqa: S105 - the name of a scheme (RFC 6750), not a secret
