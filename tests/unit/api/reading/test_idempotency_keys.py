"""Keys, whose they are and what they stand for."""

import pytest

from api.reading.idempotency_keys import idempotency_key, owner_of, read_key
from order_service.accounts.access_tokens import Principal
from order_service.errors import InvalidInput
from order_service.orders.placement import LineRequest, PlacementRequest
from schemas.ids import ProductId, UserId

ASKED = PlacementRequest(lines=(LineRequest(ProductId(1), 2),))


@pytest.mark.parametrize("header", ["abc", '"abc"', "  abc ", '"abc" '])
def test_quoted_and_bare_keys_mean_the_same(header: str) -> None:
    assert read_key(header) == "abc"


def test_no_header_is_no_key() -> None:
    assert read_key(None) is None
    assert idempotency_key(None, "user:1", "POST /x", ASKED) is None


@pytest.mark.parametrize("header", ["", '""', "a b", "é", "x" * 256, "a\x7f"])
def test_a_key_has_1_to_255_printable_characters(header: str) -> None:
    with pytest.raises(InvalidInput):
        read_key(header)


def test_the_same_wish_has_the_same_fingerprint_and_another_has_not() -> None:
    same = idempotency_key("k", "user:1", "POST /x", PlacementRequest(lines=(LineRequest(ProductId(1), 2),)))
    other = idempotency_key("k", "user:1", "POST /x", PlacementRequest(lines=(LineRequest(ProductId(1), 3),)))
    assert idempotency_key("k", "user:1", "POST /x", ASKED) == same != other


def test_keys_of_different_owners_do_not_meet() -> None:
    user = Principal(UserId(7), "customer")
    owners = {owner_of(user, "a@b.co", "1.2.3.4"), owner_of(None, "A@b.co", "1.2.3.4"), owner_of(None, None, "1.2.3.4")}
    assert owners == {"user:7", "guest:a@b.co", "guest:1.2.3.4"}
