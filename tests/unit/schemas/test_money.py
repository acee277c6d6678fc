import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.money import CURRENCY_EXPONENTS, MAX_MINOR_UNITS, parse_amount, to_amount, to_minor_units

currencies = st.sampled_from(sorted(CURRENCY_EXPONENTS))


@given(st.integers(0, MAX_MINOR_UNITS), currencies)
def test_minor_units_survive_the_way_to_decimal_and_back(minor_units: int, currency: str) -> None:
    assert to_minor_units(to_amount(minor_units, currency), currency) == minor_units


@given(st.integers(0, MAX_MINOR_UNITS), currencies)
def test_an_amount_shows_exactly_the_decimals_of_its_currency(minor_units: int, currency: str) -> None:
    _, point, fraction = to_amount(minor_units, currency).partition(".")
    assert len(fraction) == CURRENCY_EXPONENTS[currency]
    assert bool(point) is bool(fraction)


@given(st.integers(1, MAX_MINOR_UNITS), currencies)
def test_a_negative_amount_is_the_positive_one_with_a_sign(minor_units: int, currency: str) -> None:
    assert to_amount(-minor_units, currency) == f"-{to_amount(minor_units, currency)}"


@pytest.mark.parametrize(
    ("amount", "currency", "minor_units"),
    [
        ("12.5", "USD", 1250),
        ("12.50", "USD", 1250),
        ("0.01", "EUR", 1),
        ("007", "EUR", 700),
        ("1000", "JPY", 1000),
        ("1000.0", "JPY", 1000),
        ("1.234", "KWD", 1234),
        ("100000000000.00", "USD", MAX_MINOR_UNITS),
    ],
)
def test_decimal_amounts_become_minor_units(amount: str, currency: str, minor_units: int) -> None:
    assert to_minor_units(amount, currency) == minor_units


@pytest.mark.parametrize(
    ("minor_units", "currency", "amount"),
    [
        (1250, "USD", "12.50"),
        (5, "USD", "0.05"),
        (0, "USD", "0.00"),
        (1250, "JPY", "1250"),
        (5, "KWD", "0.005"),
        (-5, "USD", "-0.05"),
    ],
)
def test_minor_units_become_decimal_amounts(minor_units: int, currency: str, amount: str) -> None:
    assert to_amount(minor_units, currency) == amount


@pytest.mark.parametrize(
    "amount",
    [
        "",
        ".",
        "1.",
        ".5",
        "-1",
        "+1",
        "1e9",
        "NaN",
        "Infinity",
        "1,000",
        "1_000",
        " 1",
        "1 ",
        "0x1",
        "1.2.3",
        "١٢",
        "²",
        "9" * 21,
    ],
)
def test_what_is_no_plain_decimal_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="not a plain decimal amount"):
        to_minor_units(amount, "USD")


@pytest.mark.parametrize(("amount", "currency"), [("0.001", "USD"), ("0.5", "JPY"), ("1.2345", "KWD")])
def test_more_decimals_than_the_currency_has_are_refused(amount: str, currency: str) -> None:
    with pytest.raises(ValueError, match="decimals at most"):
        to_minor_units(amount, currency)


def test_an_amount_above_the_bound_is_refused() -> None:
    with pytest.raises(ValueError, match="too large"):
        to_minor_units("100000000000.01", "USD")


@given(st.text(max_size=25))
def test_any_text_is_either_taken_as_it_stands_or_refused_as_a_value(raw: str) -> None:
    try:
        taken = parse_amount(raw)
    except ValueError:
        return
    assert taken == raw
    assert raw.replace(".", "", 1).isdigit()
    assert raw.isascii()


def test_every_exponent_is_one_of_iso_4217() -> None:
    assert set(CURRENCY_EXPONENTS.values()) == {0, 2, 3}
    assert all(len(code) == 3 and code.isalpha() and code.isupper() for code in CURRENCY_EXPONENTS)
