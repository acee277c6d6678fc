"""Query strings are read strictly; every fault is named."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from api.reading.query_parameters import QueryParameters
from order_service.errors import InvalidInput


def faulty(query: str, ask: Callable[[QueryParameters], object]) -> list[str]:
    parameters = QueryParameters(query)
    ask(parameters)
    with pytest.raises(InvalidInput) as caught:
        parameters.finish()
    return [fault.field for fault in caught.value.faults]


def test_well_formed_values_are_read() -> None:
    parameters = QueryParameters(
        "n=7&b=Yes&c=%C3%A9&brand=HP&brand=Dell&brand=HP&t=2026-11-01T09:30:00Z&d=2026-11-01&p=1.5&e="
    )
    assert parameters.integer("n", 1, 9) == 7
    assert parameters.boolean("b") is True
    assert parameters.text("c") == "é"
    assert parameters.texts("brand") == ["HP", "Dell"]
    assert parameters.moment("t") == datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
    assert parameters.moment("d") == datetime(2026, 11, 1, tzinfo=UTC)
    assert parameters.amount("p", "USD") == 150
    assert parameters.text("e") is None
    parameters.finish()


def test_what_is_absent_is_none_or_the_default() -> None:
    parameters = QueryParameters("")
    assert parameters.integer("n", 1, 9) is None
    assert parameters.boolean("b") is None
    assert parameters.amount("p", "USD") is None
    assert parameters.moment("t") is None
    assert parameters.choice("s", ("a", "b"), "b") == "b"
    assert parameters.page() == (1, 20)
    parameters.finish()


@pytest.mark.parametrize("raw", ["0", "10", "-1", "1.0", "1e1", "x", "٣", "9" * 199, "%2B1", "+1"])
def test_a_whole_number_is_digits_within_its_bounds(raw: str) -> None:
    assert faulty(f"n={raw}", lambda parameters: parameters.integer("n", 1, 9)) == ["n"]


@pytest.mark.parametrize("raw", ["-1", "NaN", "abc", "1e3", "1.234", "Infinity", "1" * 30])
def test_an_amount_is_a_plain_decimal(raw: str) -> None:
    assert faulty(f"p={raw}", lambda parameters: parameters.amount("p", "USD")) == ["p"]


def test_a_range_that_is_upside_down_is_a_fault_of_both_ends() -> None:
    query = "price_min=9&price_max=1"
    assert faulty(query, lambda parameters: parameters.price_range("USD")) == ["price_min", "price_max"]


def test_one_price_is_a_range() -> None:
    assert QueryParameters("price_min=2&price_max=2").price_range("USD") == (200, 200)


@pytest.mark.parametrize(
    ("query", "field"),
    [("page=0", "page"), ("page_size=101", "page_size"), ("page_size=0", "page_size"), ("page=x", "page")],
)
def test_pages_have_bounds(query: str, field: str) -> None:
    assert faulty(query, lambda parameters: parameters.page()) == [field]


def test_a_page_may_end_at_the_window_and_not_beyond() -> None:
    assert QueryParameters("page=100&page_size=100").page(10_000) == (100, 100)
    assert faulty("page=101&page_size=100", lambda parameters: parameters.page(10_000)) == ["page"]


def test_every_bad_parameter_is_named() -> None:
    def ask(parameters: QueryParameters) -> None:
        parameters.page()
        parameters.boolean("in_stock")
        parameters.choice("sort", ("price",))
        parameters.moment("since")

    assert faulty("page=0&in_stock=perhaps&sort=x&since=now&else=1", ask) == [
        "page",
        "in_stock",
        "sort",
        "since",
        "else",
    ]


def test_a_single_value_is_not_repeated() -> None:
    assert faulty("q=a&q=b", lambda parameters: parameters.text("q")) == ["q"]


def test_too_many_or_too_long_values_are_refused() -> None:
    assert faulty("&".join(f"b={n}" for n in range(51)), lambda parameters: parameters.texts("b")) == ["b"]
    assert faulty("b=" + "x" * 201, lambda parameters: parameters.texts("b")) == ["b"]


@pytest.mark.parametrize("query", ["q=%ff", "&".join(f"a{n}=1" for n in range(300))])
def test_a_query_that_cannot_be_read_is_said_to_be(query: str) -> None:
    assert "query" in faulty(query, lambda parameters: parameters.text("q"))


def test_nul_is_refused_wherever_it_stands() -> None:
    assert "q" in faulty("q=a%00", lambda parameters: parameters.text("q"))


def test_words_in_capitals_may_be_written_small() -> None:
    assert QueryParameters("s=paid").choice("s", ("PAID",), any_case=True) == "PAID"


def test_prefixed_names_are_taken_together() -> None:
    parameters = QueryParameters("attr.colour=red&attr.colour=blue&attr.size=")
    assert parameters.prefixed("attr.") == {"colour": ["red", "blue"]}
    parameters.finish()
    assert faulty("attr.=x", lambda parameters: parameters.prefixed("attr.")) == ["attr."]


def test_given_is_told_from_absent() -> None:
    parameters = QueryParameters("page=")
    assert parameters.is_given("page")
    assert not parameters.is_given("page_size")
