"""What can be wrong with a request before any use case sees it; `api.problems` gives each a status."""

from dataclasses import dataclass


class RequestFault(Exception):
    """The request cannot be taken as it is."""


class SessionIdMissing(RequestFault):
    """A guest's cart was asked for without saying whose."""


@dataclass
class MalformedBody(RequestFault):
    """The body is not JSON, or is nested too deeply."""

    reason: str


@dataclass
class UnsupportedMediaType(RequestFault):
    """The body is of a type that this route does not read."""

    given: str


@dataclass
class BodyTooLarge(RequestFault):
    """The body has more than `limit` bytes."""

    limit: int


@dataclass
class RouteNotFound(RequestFault):
    """Nothing lives under this path."""

    path: str


@dataclass
class MethodNotAllowed(RequestFault):
    """The path takes only the `allowed` methods."""

    method: str
    allowed: tuple[str, ...]


@dataclass
class Forbidden(RequestFault):
    """The caller is known and may not do this."""

    needed: str


@dataclass
class InvalidToken(RequestFault):
    """A bearer token was sent that is expired, forged or malformed."""


class TokenMissing(RequestFault):
    """The route needs a caller, and no token was sent."""


@dataclass
class RateLimited(RequestFault):
    """One of the limits is used up for `retry_after` seconds."""

    scope: str
    retry_after: int
