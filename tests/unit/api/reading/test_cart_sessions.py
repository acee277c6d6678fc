"""The session of a guest's cart, from header or body."""

import uuid

import pytest
from msgspec import UNSET

from api.reading.cart_sessions import guest_of
from api.reading.faults import SessionIdMissing
from order_service.carts.cart import CartOwner
from order_service.errors import InvalidInput

KEY = "k" * 32
SESSION = str(uuid.uuid4())


def test_the_header_wins_over_the_body() -> None:
    other = str(uuid.uuid4())
    assert guest_of(SESSION, other, "a", KEY).name == CartOwner.of_session(SESSION).name
    assert guest_of(None, other, "a", KEY).name == CartOwner.of_session(other).name


def test_neither_is_missing() -> None:
    for given in (UNSET, ""):
        with pytest.raises(SessionIdMissing):
            guest_of("", given, "a", KEY)


@pytest.mark.parametrize("form", ["x" * 31, "x" * 65, "x" * 31 + " ", "x" * 31 + "é", "x" * 31 + "/"])
def test_another_form_is_refused(form: str) -> None:
    with pytest.raises(InvalidInput, match="X-Session-Id"):
        guest_of(form, UNSET, "a", KEY)


def test_the_address_is_kept_as_a_digest_that_needs_the_key() -> None:
    here = guest_of(SESSION, UNSET, "ip:10.0.0.1", KEY).client
    assert here == guest_of(str(uuid.uuid4()), UNSET, "ip:10.0.0.1", KEY).client
    assert here not in {
        guest_of(SESSION, UNSET, "ip:10.0.0.2", KEY).client,
        guest_of(SESSION, UNSET, "ip:10.0.0.1", "other" * 8).client,
    }
