"""Who may call a method of a route, and who is calling; each handler declares its Rules, `handler` applies them."""

from dataclasses import dataclass
from enum import Enum

from api.rate_limits.scopes import ANON, USER
from api.reading.faults import Forbidden, InvalidToken, TokenMissing
from order_service.accounts.access_tokens import Principal, TokenSigner
from order_service.errors import NotAuthenticated

SCHEME = "bearer"


class Access(Enum):
    """The least a caller must be."""

    ANYONE = "anyone"
    CUSTOMER = "customer"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Rule:
    """What one method of a route asks of its caller, and the scopes it counts in besides the general one."""

    access: Access
    scopes: tuple[str, ...] = ()


def read_principal(authorization: str | None, signer: TokenSigner) -> Principal | None:
    """Tell who calls; None without a token. Raises InvalidToken for one that is expired, forged or of another scheme.

    A token that is not valid is refused on public routes too: a client whose session ended should learn it.
    """
    if not authorization:
        return None
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != SCHEME or not token.strip():
        raise InvalidToken
    try:
        return signer.verify(token.strip())
    except NotAuthenticated as error:
        raise InvalidToken from error


def check_access(access: Access, principal: Principal | None) -> None:
    """Raise TokenMissing or Forbidden when the caller is less than the rule asks for."""
    if access is Access.ANYONE:
        return
    if principal is None:
        raise TokenMissing
    if access is Access.STAFF and not principal.is_staff:
        raise Forbidden(Access.STAFF.value)


def counted_scopes(rule: Rule, principal: Principal | None) -> tuple[str, ...]:
    """Name the scopes that a request counts in: the general one of its caller, then the route's own."""
    return (USER if principal else ANON, *rule.scopes)


def client_key(principal: Principal | None, address: str) -> str:
    """Name who is counted: the user, or the client's address (of IPv6 the /64 that one household has)."""
    if principal:
        return f"user:{principal.user_id}"
    return f"ip:{':'.join(address.split(':')[:4])}" if ":" in address else f"ip:{address}"
