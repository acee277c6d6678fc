"""What can go wrong in the order service, as classes that carry fields; `api.problems` gives each a status.

OrderServiceError
├── InvalidInput          faulty fields of a request, all at once
├── NotFound              nothing of that kind with that id, or not the caller's
│   └── NoOpenCart        the shopper has none
├── Conflict              the state does not allow it
│   ├── StockBelowReserved
│   ├── ForbiddenMove     an order status that cannot follow the present one
│   ├── PricesChanged     prices moved since the lines went into the cart
│   └── StillReferenced   a category or store that others point at
├── CartShort             a cart was to hold more than is in stock
├── CartEmpty             there is nothing to check out
├── NotAuthenticated      wrong password, unknown account, bad or spent token
├── TooManyAttempts       failed sign-ins on one account or from one address
├── IdempotencyKeyReused  the same key with another body
├── IdempotencyInProgress the first request with this key is still running
└── Unavailable           Postgres is away, or a lock was not had in time; worth trying again
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One faulty field of an input: its path as the client wrote it (`items[0].quantity`) and why."""

    field: str
    message: str


class OrderServiceError(Exception):
    """Any failure this package raises on purpose."""


@dataclass
class InvalidInput(OrderServiceError):
    """The input breaks a rule; `faults` names every faulty field, `replayed` says that a stored verdict does."""

    faults: list[FieldFault]
    replayed: bool = False

    def __str__(self) -> str:
        """Read all faults in one line, for logs and the command line."""
        return "; ".join(f"{fault.field}: {fault.message}" for fault in self.faults)


@dataclass
class NotFound(OrderServiceError):
    """There is no such thing, or none that the caller may know of."""

    kind: str
    key: str

    def __str__(self) -> str:
        """Name the kind and the key, for logs and the command line."""
        return f"no {self.kind} {self.key}"


class NoOpenCart(NotFound):
    """The shopper has no open cart; says nothing of the session that was asked for."""

    def __init__(self) -> None:
        super().__init__("cart", "that is open")


@dataclass
class Conflict(OrderServiceError):
    """The present state forbids the change."""

    reason: str

    def __str__(self) -> str:
        """Give the reason, for logs and the command line."""
        return self.reason


@dataclass
class StockBelowReserved(Conflict):
    """A stock level was to fall below what is promised to carts."""

    reserved: int = 0


@dataclass
class ForbiddenMove(Conflict):
    """An order may not go from `current` to `wanted`; `allowed` lists where it may go for this caller."""

    current: str = ""
    wanted: str = ""
    allowed: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PriceChange:
    """A product whose price is not what its buyer saw; amounts count minor units."""

    product_id: int
    old_minor: int
    new_minor: int


@dataclass
class PricesChanged(Conflict):
    """A cart holds products at prices of before; `replayed` when an earlier request with the key was told so."""

    changes: list[PriceChange] = field(default_factory=list)
    currency: str = ""
    replayed: bool = False


@dataclass
class StillReferenced(Conflict):
    """What was to be deleted is used elsewhere."""


@dataclass(frozen=True, slots=True)
class ShortLine:
    """A line that could not be served, and what was there at that instant."""

    product_id: int
    requested: int
    available: int


@dataclass
class CartShort(OrderServiceError):
    """The stock that a cart was to hold is not there; nothing was changed."""

    lines: list[ShortLine]


@dataclass
class CartEmpty(OrderServiceError):
    """There is no open cart, or nothing is in it."""

    replayed: bool = False


class NotAuthenticated(OrderServiceError):
    """The caller could not show who they are; deliberately says no more."""


@dataclass
class TooManyAttempts(OrderServiceError):
    """Sign-in failed too often; `retry_after` is in seconds."""

    retry_after: int


class IdempotencyKeyReused(OrderServiceError):
    """The key was used before with a different body."""


@dataclass
class IdempotencyInProgress(OrderServiceError):
    """The first request with this key has not ended yet; `retry_after` is in seconds."""

    retry_after: int = 1


@dataclass
class Unavailable(OrderServiceError):
    """Postgres cannot serve this now; nothing was changed. `retry_after` is in seconds."""

    retry_after: int = 1
