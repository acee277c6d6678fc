"""JSON bodies are read field by field, and everything that is wrong is named at once."""

from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, Meta, UnsetType

from api.reading.faults import MalformedBody, UnsupportedMediaType
from api.reading.request_body import read_body
from order_service.errors import InvalidInput
from schemas.http_api.marks import Currency, Price
from schemas.http_api.orders import OrderRequest

JSON = "application/json"


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    count: Annotated[int, Meta(ge=1, le=10)]


class Outer(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1)]
    price: Price | UnsetType = UNSET
    currency: Currency | None = None
    inner: Inner | None = None
    items: Annotated[list[Inner], Meta(min_length=1, max_length=2)] | UnsetType = UNSET
    words: list[str] = []


def read(raw: bytes, content_type: str = JSON) -> Outer:
    return read_body(Outer, raw, content_type, "USD")


def faulty(raw: bytes) -> dict[str, str]:
    with pytest.raises(InvalidInput) as caught:
        read(raw)
    return {fault.field: fault.message for fault in caught.value.faults}


def test_a_whole_body_becomes_its_struct() -> None:
    raw = b'{"name":"a","price":"1.50","currency":"USD","inner":null,"items":[{"count":1}],"words":["x"]}'
    assert read(raw) == Outer(name="a", price="1.50", currency="USD", items=[Inner(1)], words=["x"])


def test_absent_fields_keep_their_defaults() -> None:
    body = read(b'{"name":"a"}')
    assert body.price is UNSET
    assert body.items is UNSET


def test_every_fault_is_named_with_its_path() -> None:
    raw = (
        b'{"price":1.5,"currency":"EUR","inner":{"count":0,"more":1},'
        b'"items":[{"count":1},{"count":"x"}],"words":[1],"z":0}'
    )
    assert set(faulty(raw)) == {
        *("name", "price", "currency", "inner.count", "inner.more", "items[1].count", "words[0]", "z")
    }


@pytest.mark.parametrize(
    ("price", "message"),
    [
        (b'"1.005"', "USD has 2 decimals at most"),
        (b'"0"', "is not above zero"),
        (b'"NaN"', "not a plain decimal amount such as 12.50"),
        (b'"-1"', "not a plain decimal amount such as 12.50"),
        (b'"1e9"', "not a plain decimal amount such as 12.50"),
        (b"25", "expected `str`, got `int`"),
        (b"null", "expected `str`, got `null`"),
    ],
)
def test_a_price_is_a_plain_decimal_string_above_zero(price: bytes, message: str) -> None:
    assert faulty(b'{"name":"a","price":' + price + b"}") == {"price": message}


@pytest.mark.parametrize("items", [b"[]", b'[{"count":1},{"count":1},{"count":1}]'])
def test_a_list_has_its_bounds(items: bytes) -> None:
    assert faulty(b'{"name":"a","items":' + items + b"}") == {"items": "takes 1 to 2 items"}


def test_a_list_of_objects_is_a_list_of_objects() -> None:
    assert faulty(b'{"name":"a","items":[1]}') == {"items[0]": "is not an object"}
    assert "items" in faulty(b'{"name":"a","items":{}}')


@pytest.mark.parametrize("raw", [b"[]", b"1", b'"x"', b"null", b"true"])
def test_a_body_that_is_no_object_is_called_the_body(raw: bytes) -> None:
    assert faulty(raw) == {"body": "is not an object"}


def test_nul_and_numbers_that_no_column_holds_are_named_beside_the_rest() -> None:
    raw = b'{"name":"a\\u0000","words":["b\\u0000"],"inner":{"count":1000000000000000000000000000000},"z\\u0000":1}'
    assert set(faulty(raw)) == {"name", "words[0]", "inner.count", "body", "z�"}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff",
        b'{"name":NaN}',
        b'{"name":1e999999}',
        b'"\\ud800"',
        b"[" * 100_000,
        b'{"a":' * 40 + b"1" + b"}" * 40,
    ],
)
def test_what_is_not_json_is_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedBody):
        read(raw)


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"])
def test_other_media_types_are_refused(content_type: str) -> None:
    with pytest.raises(UnsupportedMediaType):
        read(b"{}", content_type)


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "Application/JSON", "application/merge-patch+json"]
)
def test_json_by_any_of_its_names_is_read(content_type: str) -> None:
    assert read(b'{"name":"a"}', content_type).name == "a"


def test_a_flood_of_faults_is_cut() -> None:
    raw = msgspec.json.encode({f"f{n}": 1 for n in range(1000)})
    assert len(faulty(raw)) == 100


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_whatever_is_sent_is_read_or_refused(sent: object) -> None:
    with pytest.raises((InvalidInput, MalformedBody)):
        read_body(OrderRequest, msgspec.json.encode({"items": sent, "x": 1}), JSON, "USD")
