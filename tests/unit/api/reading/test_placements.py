"""Order bodies of both shapes become placements."""

from typing import Any

import pytest

from api.reading.placements import earlier_placement_of, placement_of
from api.reading.request_body import read_body
from order_service.errors import InvalidInput
from order_service.orders.placement import LineRequest, PlacementRequest
from schemas.http_api.orders import EarlierOrderRequest, OrderRequest
from schemas.ids import ProductId, StoreId

LINE = LineRequest(ProductId(1), 2)
ADDRESS = {"name": "A", "line1": "Street 1", "city": "Town", "country": "LT"}


def present(raw: bytes) -> PlacementRequest:
    return placement_of(read_body(OrderRequest, raw, "application/json", "USD"))


def earlier(raw: bytes) -> PlacementRequest:
    return earlier_placement_of(read_body(EarlierOrderRequest, raw, "application/json", "USD"))


def faulty(read: Any, raw: bytes) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        read(raw)
    return [fault.field for fault in caught.value.faults]


def test_lines_and_a_single_product_mean_the_same() -> None:
    assert present(b'{"items":[{"product_id":1,"quantity":2}]}') == present(b'{"product_id":1,"quantity":2}')


def test_store_mail_note_and_addresses_are_taken_over() -> None:
    raw = (
        b'{"product_id":1,"quantity":2,"store_id":3,"email":"a@b.co","note":"n","shipping_address":'
        b'{"name":"A","line1":"Street 1","city":"Town","country":"LT"}}'
    )
    assert present(raw) == PlacementRequest(
        lines=(LINE,), store_id=StoreId(3), email="a@b.co", note="n", shipping_address=ADDRESS
    )


@pytest.mark.parametrize(
    ("raw", "fields"),
    [
        (b"{}", ["items"]),
        (b'{"product_id":1}', ["quantity"]),
        (b'{"quantity":1}', ["product_id"]),
        (b'{"items":[{"product_id":1,"quantity":1}],"product_id":1,"quantity":1}', ["product_id", "quantity"]),
        (b'{"items":[]}', ["items"]),
        (
            b'{"items":[{"product_id":1,"quantity":0},{"product_id":"x","quantity":1}]}',
            ["items[0].quantity", "items[1].product_id"],
        ),
        (b'{"items":[{"product_id":1,"quantity":1,"unit_price":"0.01"}]}', ["items[0].unit_price"]),
        (b'{"product_id":1,"quantity":1,"email":"nobody"}', ["email"]),
        (
            b'{"product_id":1,"quantity":1,"shipping_address":{"name":"A"}}',
            [f"shipping_address.{n}" for n in ("line1", "city", "country")],
        ),
    ],
)
def test_faults_are_named_by_field(raw: bytes, fields: list[str]) -> None:
    assert faulty(present, raw) == fields


def test_earlier_lines_count_what_is_requested() -> None:
    raw = b'{"store_id":3,"items":[{"product_id":1,"quantity_requested":2}]}'
    assert earlier(raw) == PlacementRequest(lines=(LINE,), store_id=StoreId(3))
    assert earlier(b'{"items":[{"product_id":1,"quantity":2}]}').lines == (LINE,)


@pytest.mark.parametrize("line", [b'{"product_id":1}', b'{"product_id":1,"quantity":1,"quantity_requested":1}'])
def test_an_earlier_line_has_one_quantity(line: bytes) -> None:
    assert faulty(earlier, b'{"items":[' + line + b"]}") == ["items[0].quantity_requested"]
