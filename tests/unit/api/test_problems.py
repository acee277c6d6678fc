"""Every exception that is raised on purpose has a problem; nothing of an unforeseen one is shown."""

import pytest
from tornado.web import HTTPError

from api.problem_types import PROBLEM_TYPES_BY_NAME
from api.problems import TABLE, InsufficientStock, trouble_of
from api.reading import faults
from order_service import errors
from search_indexer import errors as search_errors


def classes_of(module: object, top: type) -> list[type]:
    return [
        each for each in vars(module).values() if isinstance(each, type) and issubclass(each, top) and each is not top
    ]


@pytest.mark.parametrize(
    "kind",
    [
        *classes_of(errors, errors.OrderServiceError),
        *classes_of(search_errors, search_errors.SearchError),
        *classes_of(faults, faults.RequestFault),
    ],
)
def test_every_declared_error_is_in_the_table(kind: type) -> None:
    assert kind in TABLE


@pytest.mark.parametrize(
    ("error", "name", "status"),
    [
        (errors.InvalidInput([errors.FieldFault("a", "b")]), "invalid-input", 400),
        (errors.NotFound("order", "1"), "not-found", 404),
        (errors.Conflict("it is so"), "conflict", 409),
        (errors.StockBelowReserved("4 are promised", 4), "stock-below-reserved", 409),
        (errors.ForbiddenMove("no", "CONFIRMED", "DELIVERED", ["PAID"]), "forbidden-move", 409),
        (errors.StillReferenced("it has products"), "still-referenced", 409),
        (errors.NotAuthenticated(), "not-authenticated", 401),
        (errors.TooManyAttempts(900), "too-many-attempts", 429),
        (errors.IdempotencyKeyReused(), "idempotency-key-reused", 422),
        (errors.IdempotencyInProgress(), "idempotency-in-progress", 409),
        (errors.Unavailable(), "unavailable", 503),
        (search_errors.SearchUnavailable(), "search-unavailable", 503),
        (search_errors.IndexGone(), "search-unavailable", 503),
        (search_errors.SearchTimeout(), "search-unavailable", 503),
        (search_errors.SearchRefused("too far"), "invalid-input", 400),
        (faults.MalformedBody("truncated"), "malformed-body", 400),
        (faults.UnsupportedMediaType(""), "unsupported-media-type", 415),
        (faults.BodyTooLarge(1), "body-too-large", 413),
        (faults.RouteNotFound("/x"), "not-found", 404),
        (faults.MethodNotAllowed("BREW", ("GET",)), "method-not-allowed", 405),
        (faults.Forbidden("staff"), "forbidden", 403),
        (faults.InvalidToken(), "not-authenticated", 401),
        (faults.TokenMissing(), "not-authenticated", 401),
        (faults.RateLimited("suggest", 3), "rate-limited", 429),
        (InsufficientStock("id", []), "insufficient-stock", 409),
        (HTTPError(400, "bad"), "malformed-request", 400),
    ],
)
def test_each_error_has_its_problem(error: Exception, name: str, status: int) -> None:
    problem = trouble_of(error).to_problem("r-1")
    assert (problem.type, problem.status) == (f"/problems/{name}", status)
    assert problem.detail
    assert problem.request_id == "r-1"


@pytest.mark.parametrize("status", [429, 503])
def test_who_must_wait_is_told_how_long(status: int) -> None:
    waiting = [
        errors.TooManyAttempts(5),
        faults.RateLimited("anon", 5),
        errors.Unavailable(5),
        search_errors.SearchTimeout(5),
    ]
    for error in waiting:
        trouble = trouble_of(error)
        if trouble.type.status == status:
            assert trouble.header_fields["Retry-After"] == "5"


def test_an_unforeseen_error_shows_nothing_of_itself() -> None:
    trouble = trouble_of(RuntimeError("password=hunter2"))
    assert trouble.name == "internal-error"
    assert b"hunter2" not in trouble.to_problem("r").to_json()


def test_a_forbidden_move_names_the_allowed_ones() -> None:
    trouble = trouble_of(errors.ForbiddenMove("no", "SHIPPED", "PAID", ["DELIVERED"]))
    assert trouble.extra == {"allowed": ["DELIVERED"]}
    assert "DELIVERED" in trouble.detail


def test_many_faults_are_all_listed() -> None:
    trouble = trouble_of(errors.InvalidInput([errors.FieldFault(f"f{n}", "x") for n in range(9)]))
    assert [each.field for each in trouble.errors] == [f"f{n}" for n in range(9)]
    assert trouble.detail.endswith("and more.")


def test_a_rejected_order_is_named_and_a_replay_of_it_said() -> None:
    trouble = trouble_of(InsufficientStock("o-1", [{"product_id": 1, "requested": 2, "available": 1}], replayed=True))
    assert trouble.extra["order_id"] == "o-1"
    assert trouble.header_fields == {"Idempotent-Replayed": "true"}


def test_extra_members_stand_beside_the_others() -> None:
    body = trouble_of(errors.StockBelowReserved("4 are promised", 4)).to_problem("r").to_json()
    assert b'"reserved":4' in body
    assert b'"extra"' not in body


def test_a_challenge_comes_with_every_401() -> None:
    for error in (errors.NotAuthenticated(), faults.InvalidToken(), faults.TokenMissing()):
        trouble = trouble_of(error)
        assert trouble.type is PROBLEM_TYPES_BY_NAME["not-authenticated"]
        assert trouble.header_fields["WWW-Authenticate"].startswith("Bearer")
