"""What an address may hold."""

import pytest

from order_service.accounts.postal_address import address_faults, normalised_address

ADDRESS = {"name": "Ona", "line1": "Gedimino pr. 1", "city": "Vilnius", "country": "LT"}


def test_blanks_go_the_country_is_in_capitals_and_empty_fields_are_left_out() -> None:
    written = {**ADDRESS, "country": " lt ", "name": " Ona ", "line2": " ", "phone": ""}
    assert normalised_address(written) == ADDRESS
    assert address_faults(ADDRESS) == []


def test_names_and_blanks_of_every_script_are_taken() -> None:
    japanese = normalised_address({**ADDRESS, "name": "山田\u3000太郎", "line1": "千代田\n1-1", "country": "jp"})
    assert (japanese["name"], japanese["line1"], address_faults(japanese)) == ("山田 太郎", "千代田 1-1", [])
    hindi = normalised_address({**ADDRESS, "name": "क\u094d\u200dषमा"})
    assert address_faults(hindi) == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"country": "Lithuania"}, "country"),
        ({"country": "XX"}, "country"),
        ({"line2": "bell\x07"}, "line2"),
        ({"city": "x" * 101}, "city"),
        ({"phone": "call me"}, "phone"),
        ({"postal_code": "9" * 21}, "postal_code"),
    ],
)
def test_faults_name_the_field_under_its_path(changed: dict[str, str], field: str) -> None:
    assert {fault.field for fault in address_faults(ADDRESS | changed, "to.")} == {f"to.{field}"}


def test_every_field_that_is_missing_is_named() -> None:
    assert [fault.field for fault in address_faults({})] == ["name", "line1", "city", "country"]
