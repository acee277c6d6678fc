"""What a line of a store file becomes, and why it is refused."""

import pytest

from order_service.catalog.import_report import BadLine
from order_service.catalog.import_stores import parse_store_line


def test_a_line_becomes_a_store() -> None:
    line = (
        b'{"code": 103, "name": " City ", "postal_code": "91748", "latitude": 33.9, "longitude": -117, "manager": "x"}'
    )
    assert parse_store_line(line) == {
        "code": "103",
        "name": "City",
        "city": "",
        "region": "",
        "postal_code": "91748",
        "country": "",
        "latitude": 33.9,
        "longitude": -117.0,
    }


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{}", "code: must not be empty; name: must not be empty"),
        (b'{"code":"1","name":"\\u0000"}', "name: holds a NUL character"),
        (b'{"code":"1","name":"a","latitude":91}', "latitude: must be from -90 to 90 degrees"),
        (b'{"code":"1","name":"a","longitude":-180.5}', "longitude: must be from -180 to 180 degrees"),
        (b'{"code":"1","name":"a","city":[]}', "city: expected str | null, got array"),
        (b'{"code":"' + b"1" * 51 + b'","name":"a"}', "code: longer than 50 characters"),
        (b"", "not JSON"),
    ],
)
def test_a_bad_line_is_refused_with_its_reasons(line: bytes, reason: str) -> None:
    with pytest.raises(BadLine) as refused:
        parse_store_line(line)
    assert reason in str(refused.value)
