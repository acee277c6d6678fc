"""Every kind of problem that the API answers with; `problems` picks from it, `/problems/<name>` shows it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One kind: its name is the last part of `type`, `about` says when it comes and what helps."""

    name: str
    status: int
    title: str
    about: str

    @property
    def uri(self) -> str:
        """The value of `type`; resolves on the same server."""
        return f"/problems/{self.name}"


PROBLEM_TYPES = (
    ProblemType("invalid-input", 400, "Fields are faulty", "`errors` names every faulty field, parameter or header."),
    ProblemType("malformed-body", 400, "The body is not JSON", "Send UTF-8 JSON, nested at most 32 deep."),
    ProblemType("malformed-request", 400, "The request cannot be read", "The request breaks the rules of HTTP."),
    ProblemType(
        "not-authenticated",
        401,
        "Sign in first",
        "No token was sent where one is needed, the token is expired or not ours, or name and password do not match. "
        "A token that is not valid is refused on public routes too.",
    ),
    ProblemType(
        "provider-refused",
        402,
        "The payment provider refused",
        "`reason` is the provider's, `ids` are the payments or refunds on record as FAILED. No money moved; try "
        "another means of payment under a new Idempotency-Key.",
    ),
    ProblemType("forbidden", 403, "Not allowed", "You are signed in, and your role may not do this."),
    ProblemType("not-found", 404, "Not found", "There is nothing here, or nothing that you may see."),
    ProblemType("method-not-allowed", 405, "Method not allowed", "`Allow` lists the methods of this path."),
    ProblemType("conflict", 409, "The present state forbids it", "`detail` says what stands in the way."),
    ProblemType(
        "insufficient-stock",
        409,
        "Not enough in stock",
        "The order was recorded as REJECTED under `order_id` and nothing was taken; `lines` lists what is short.",
    ),
    ProblemType(
        "stock-below-reserved",
        409,
        "Stock is promised",
        "The level may not fall below `reserved` pieces held for carts.",
    ),
    ProblemType(
        "cart-short",
        400,
        "Not enough in stock for the cart",
        "Nothing was changed; `lines` lists what is short, with what is there.",
    ),
    ProblemType("cart-empty", 400, "Nothing to check out", "There is no open cart, or nothing is in it."),
    ProblemType(
        "prices-changed",
        409,
        "Prices have changed",
        "`lines` lists each changed price. The cart stays open: show the new prices, then check out with "
        "`accept_price_changes` and another Idempotency-Key.",
    ),
    ProblemType("forbidden-move", 409, "The order cannot go there", "`allowed` lists the states it may go to."),
    ProblemType(
        "stale-version",
        409,
        "Changed meanwhile",
        "Somebody saved in between: `version` is in effect now. Read it, make the change again, and send that version.",
    ),
    ProblemType(
        "harmful-change",
        409,
        "Searches would suffer",
        "Nothing was saved. `harms` names the queries that would lose their hits; `force=true` saves it all the same.",
    ),
    ProblemType("still-referenced", 409, "Still in use", "Other things point at this; move or delete them first."),
    ProblemType(
        "idempotency-in-progress",
        409,
        "The first request is still running",
        "Another request with the same Idempotency-Key has not ended; ask again after `Retry-After`.",
    ),
    ProblemType("body-too-large", 413, "The body is too large", "A body may have 1 MiB."),
    ProblemType("unsupported-media-type", 415, "Not JSON", "Send `Content-Type: application/json`."),
    ProblemType(
        "idempotency-key-reused", 422, "The key was used before", "The Idempotency-Key came with another body before."
    ),
    ProblemType(
        "rate-limited",
        429,
        "Too many requests",
        "Ask again after `Retry-After` seconds; `RateLimit-Policy` lists the limits.",
    ),
    ProblemType("too-many-attempts", 429, "Too many failed sign-ins", "Wait for `Retry-After` seconds."),
    ProblemType("internal-error", 500, "Something went wrong here", "It is logged under `request_id`."),
    ProblemType("unavailable", 503, "Try again shortly", "Nothing was changed; ask again after `Retry-After` seconds."),
    ProblemType(
        "search-unavailable",
        503,
        "Search is away",
        "The search engine does not answer; everything else works. Ask again after `Retry-After` seconds.",
    ),
)
PROBLEM_TYPES_BY_NAME = {each.name: each for each in PROBLEM_TYPES}
