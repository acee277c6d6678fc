"""Every reason for which a feed line is refused, and what good lines become."""

from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from order_service.catalog.feed_product import FeedProduct, parse_category, parse_feed_line, parse_price
from order_service.catalog.import_report import BadLine
from schemas.money import to_amount

GOOD: dict[str, Any] = {"id": "A1", "title": "A lamp", "price": "12.50 USD"}


def parse(**fields: Any) -> FeedProduct:
    return parse_feed_line(msgspec.json.encode(GOOD | fields), "USD")


def test_a_whole_line_becomes_a_product() -> None:
    product = parse(
        description=" Bright. ",
        brand="Lumen",
        product_type="Home > Lamps",
        gtin="0882780756328",
        mpn=80,
        image_link="https://images.example.com/1.jpg",
        item_group_id=7,
        attributes={"watts": 5, "dimmable": True, "socket": "E27", "nothing": None},
        condition="new",
    )
    assert product == FeedProduct(
        sku="A1",
        title="A lamp",
        description="Bright.",
        price_minor=1250,
        category=("Home", "Lamps"),
        brand="Lumen",
        group_id="7",
        gtin="0882780756328",
        mpn="80",
        image_link="https://images.example.com/1.jpg",
        attributes='{"dimmable":true,"socket":"E27","watts":5}',
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "not JSON"),
        (b"nonsense", "not JSON"),
        (b"[1]", "not a JSON object: expected object, got array"),
        (b'"text"', "not a JSON object"),
        (b'{"id":"1","title":"\xff"}', "not UTF-8 at byte 20"),
        (b'{"unknown":"\xff"}', "not UTF-8 at byte 13"),
        (b"{}", "id, title, price missing"),
        (b'{"id":"1","title":" ","price":"1 USD"}', "title missing"),
        (b'{"unknown":' + b"[" * 100_000, "nested too deeply"),
        (b'{"gtin":' + b"9" * 5_000 + b"}", "gtin: integer value out of range"),
        (b'{"title":5}', "title: expected str | null, got int"),
        (b'{"price":12.5}', "price: expected str | null, got float"),
    ],
)
def test_a_line_that_is_no_product_is_refused_with_its_reason(content: bytes, reason: str) -> None:
    with pytest.raises(BadLine, match=reason.replace("|", r"\|")):
        parse_feed_line(content, "USD")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"price": "-1.00 USD"}, "price: not a plain decimal"),
        ({"price": "NaN USD"}, "price: not a plain decimal"),
        ({"price": "1e9 USD"}, "price: not a plain decimal"),
        ({"price": "twelve USD"}, "price: not a plain decimal"),
        ({"price": "0.00 USD"}, "price: must be above zero"),
        ({"price": "1.005 USD"}, "price: USD has 2 decimals at most"),
        ({"price": "9999999999999.00 USD"}, "price: too large"),
        ({"price": "12.50"}, "price: unknown currency ''"),
        ({"price": "12.50 XXX"}, "price: unknown currency 'XXX'"),
        ({"price": "12.50 EUR"}, "price: in EUR, the shop's currency is USD"),
        ({"title": "x" * 501}, "title: longer than 500 characters"),
        ({"title": "a\x00b"}, "title: holds a NUL character"),
        ({"id": "x" * 101}, "id: longer than 100 characters"),
        ({"item_group_id": "x" * 101}, "item_group_id: longer than 100 characters"),
        ({"description": "x" * 20_001}, "description: longer than 20000 characters"),
        ({"image_link": "javascript:alert(1)"}, "image_link: not an http or https address"),
        ({"image_link": "https://[bad"}, "image_link: not an http or https address"),
        ({"product_type": " > ".join("abcdefghi")}, "product_type: more than 8 levels"),
        ({"product_type": "x" * 101}, "product_type: a name over 100 characters"),
        ({"attributes": {"a": {"b": 1}}}, "expected bool"),
        ({"attributes": {"a": 1e16}}, "attributes.a: number out of range"),
        ({"attributes": {"a\x00": 1}}, "name holds a NUL character"),
        ({"attributes": {" ": 1}}, "an attribute needs a name"),
        ({"attributes": {"a" * 101: 1}}, "name longer than 100 characters"),
        ({"attributes": {"a": "\x00"}}, "attributes.a: holds a NUL character"),
        ({"attributes": {"a": "x" * 10_001}}, "attributes.a: longer than 10000 characters"),
        ({"attributes": {str(n): n for n in range(65)}}, "attributes: more than 64 keys"),
    ],
)
def test_a_field_out_of_bounds_is_named(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadLine) as refused:
        parse(**fields)
    assert reason in str(refused.value)


def test_every_faulty_field_of_a_line_is_told() -> None:
    with pytest.raises(BadLine) as refused:
        parse(title="x" * 501, image_link="ftp://x")
    assert "title" in str(refused.value)
    assert "image_link" in str(refused.value)


@given(st.integers(min_value=1, max_value=10**13), st.sampled_from(["USD", "JPY", "KWD"]))
def test_any_price_survives_being_written_and_read(minor_units: int, currency: str) -> None:
    assert parse_price(f"{to_amount(minor_units, currency)} {currency}", currency) == minor_units


@given(st.binary(max_size=200))
def test_any_bytes_are_a_product_or_a_bad_line(content: bytes) -> None:
    with suppress(BadLine):
        assert parse_feed_line(content, "USD").price_minor > 0


@pytest.mark.parametrize(
    ("product_type", "path"),
    [
        ("Home > Lamps", ("Home", "Lamps")),
        (" Home>>Lamps > ", ("Home", "Lamps")),
        ("", ("Other",)),
        (None, ("Other",)),
        ("A > B > C", ("A", "B", "C")),
    ],
)
def test_product_type_is_a_path_of_names(product_type: str | None, path: tuple[str, ...]) -> None:
    assert parse_category(product_type) == path
