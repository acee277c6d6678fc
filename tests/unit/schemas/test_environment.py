from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.environment import (
    REQUIRED,
    SettingsError,
    at_least,
    boolean,
    choice,
    integer,
    load,
    text,
    url,
    variable,
    variables_of,
)


@dataclass(frozen=True, slots=True)
class Inner:
    key: str = variable("KEY", at_least(8), expects="8 characters", about="A secret.", secret=True)
    port: int = variable("PORT", integer(1, 65_535), expects="a port", about="Where.", default=80)


@dataclass(frozen=True, slots=True)
class Outer:
    inner: Inner
    name: str = variable("NAME", text, expects="a name", about="Who.")


def test_values_are_parsed_and_nested_classes_built() -> None:
    assert load(Outer, {"NAME": "shop", "PORT": "8080", "KEY": "longenough"}) == Outer(
        Inner("longenough", 8080), "shop"
    )


def test_a_variable_that_is_not_set_takes_its_default() -> None:
    assert load(Inner, {"KEY": "longenough"}).port == 80


def test_an_empty_variable_counts_as_not_set() -> None:
    assert load(Inner, {"KEY": "longenough", "PORT": ""}).port == 80
    with pytest.raises(SettingsError, match="NAME: is not set; expected a name"):
        load(Outer, {"NAME": "", "KEY": "longenough"})


def test_every_fault_is_reported_at_once() -> None:
    with pytest.raises(SettingsError) as raised:
        load(Outer, {"PORT": "0", "KEY": "short"})
    assert set(raised.value.faults) == {"NAME", "PORT", "KEY"}
    assert raised.value.faults["PORT"] == "expected a port (0 is not between 1 and 65535)"


def test_a_wrong_secret_is_not_shown() -> None:
    with pytest.raises(SettingsError) as raised:
        load(Inner, {"KEY": "hunter2"})
    assert raised.value.faults == {"KEY": "expected 8 characters"}
    assert "hunter2" not in str(raised.value)


def test_a_secret_is_read_from_a_file_without_its_last_line_break(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-the-file\n", encoding="utf-8")
    assert load(Inner, {"KEY_FILE": str(tmp_path / "key")}).key == "from-the-file"


def test_the_file_wins_over_the_variable(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-the-file", encoding="utf-8")
    assert load(Inner, {"KEY": "from-the-variable", "KEY_FILE": str(tmp_path / "key")}).key == "from-the-file"


def test_a_missing_secret_file_is_a_fault_of_its_variable(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as raised:
        load(Inner, {"KEY_FILE": str(tmp_path / "nowhere")})
    assert set(raised.value.faults) == {"KEY"}


def test_only_secrets_are_read_from_files(tmp_path: Path) -> None:
    (tmp_path / "port").write_text("8080", encoding="utf-8")
    assert load(Inner, {"KEY": "longenough", "PORT_FILE": str(tmp_path / "port")}).port == 80


def test_variables_are_listed_in_order_of_declaration_with_those_of_nested_classes() -> None:
    found = list(variables_of(Outer))
    assert [each.name for each in found] == ["KEY", "PORT", "NAME"]
    assert [each.default for each in found] == [REQUIRED, 80, REQUIRED]
    assert [each.secret for each in found] == [True, False, False]


@given(st.integers())
def test_an_integer_is_taken_exactly_within_its_bounds(value: int) -> None:
    parse = integer(-5, 1_000)
    if -5 <= value <= 1_000:
        assert parse(str(value)) == value
    else:
        with pytest.raises(ValueError, match="is not between"):
            parse(str(value))


@pytest.mark.parametrize("raw", ["", "one", "1.5", "0x10", "1e3"])
def test_what_is_no_whole_number_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        integer(0, 10_000)(raw)


@pytest.mark.parametrize(
    ("raw", "meant"),
    [
        ("true", True),
        ("YES", True),
        ("On", True),
        ("1", True),
        ("False", False),
        ("no", False),
        ("off", False),
        ("0", False),
    ],
)
def test_a_boolean_is_read_in_every_usual_spelling(raw: str, *, meant: bool) -> None:
    assert boolean(raw) is meant


@pytest.mark.parametrize("raw", ["2", "ja", " true", "null"])
def test_what_is_no_boolean_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match="neither true nor false"):
        boolean(raw)


def test_a_choice_takes_its_words_and_names_them_otherwise() -> None:
    parse = choice("red", "green")
    assert parse("green") == "green"
    with pytest.raises(ValueError, match="not one of red, green"):
        parse("blue")


@pytest.mark.parametrize("raw", ["redis://cache:6379/0", "rediss://user:secret@cache/1"])
def test_a_url_of_a_known_scheme_is_taken(raw: str) -> None:
    assert url("redis", "rediss")(raw) == raw


def test_a_url_loses_its_last_slash() -> None:
    assert url("http")("http://search:9200/") == "http://search:9200"


@pytest.mark.parametrize("raw", ["ftp://cache/0", "redis://", "cache:6379", "redis:///0", ""])
def test_another_scheme_or_no_host_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match="not a redis URL with a host"):
        url("redis")(raw)


@given(st.text(max_size=20))
def test_a_key_must_be_long_enough(raw: str) -> None:
    outcome: Any
    try:
        outcome = at_least(8)(raw)
    except ValueError:
        outcome = None
    assert outcome == (raw if len(raw) >= 8 else None)
