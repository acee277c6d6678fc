"""What a line of an inventory file says, and why it is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from order_service.catalog.import_report import BadLine
from order_service.stock.inventory_line import InventoryLine, Layout, parse_header, parse_inventory_line

LAYOUT = Layout(0, 1, 2)


def test_columns_may_stand_in_any_order_among_others() -> None:
    layout = parse_header(b"Quantity, note ,ID,store_code")
    assert layout == Layout(store_code=3, sku=2, quantity=0)
    assert parse_inventory_line(2, b'5,"a, b",A1,103', layout) == InventoryLine(2, "103", "A1", 5)


@pytest.mark.parametrize("header", [b"", b"store_code,id", b"212,1399,120"])
def test_a_first_line_that_is_no_header_is_told(header: bytes) -> None:
    with pytest.raises(BadLine, match="the first line must name the columns"):
        parse_header(header)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"1,2", "only 2 columns"),
        (b"1,2,-3", "quantity: '-3' is below zero"),
        (b"1,2,three", "is not a whole number"),
        (b"1,2,1_0", "is not a whole number"),
        (b"1,2,1.5", "is not a whole number"),
        (b"1,2,", "is not a whole number"),
        (b"1,2,9999999999999999", "is not a whole number"),
        (b"1,2,1000000001", "more than 1000000000"),
        (b",2,3", "store_code missing"),
        (b"1,,3", "id missing"),
        (b"1,\x00,3", "NUL"),
        (b'1,"2,3', "not CSV"),
        (b"1,\xff,3", "not UTF-8 at byte 3"),
    ],
)
def test_a_bad_line_is_refused_with_its_reason(line: bytes, reason: str) -> None:
    with pytest.raises(BadLine, match=reason):
        parse_inventory_line(2, line, LAYOUT)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_level_or_a_bad_line(content: bytes) -> None:
    with suppress(BadLine):
        assert 0 <= parse_inventory_line(2, content, LAYOUT).quantity <= 10**9
