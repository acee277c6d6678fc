from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_indexer.attributes import LONGEST_KEY, LONGEST_VALUE, MOST_KEYS, attribute_text, normalized_attributes

LUCENE_TERM_BYTES = 32_766


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (175.5, "175.5"),
        (-0.0, "0"),
        (1e300, "1e+300"),
        (7, "7"),
        (True, "true"),
        (False, "false"),
        (" HDMI ", "HDMI"),
        ("a\0b", "ab"),
        ({"a": [1]}, '{"a":[1]}'),
        ("x" * 9_999, "x" * LONGEST_VALUE),
    ],
)
def test_a_value_has_one_spelling(value: Any, text: str) -> None:
    assert attribute_text(value) == text


def test_nulls_and_empty_keys_are_left_out_and_lists_are_several_values() -> None:
    attributes = {"ports": ["USB", None, "USB", 2.0], "none": None, " ": "x", "empty": [], "blank": " "}
    assert normalized_attributes(attributes) == {"ports": ["USB", "2"]}


def test_keys_that_become_one_share_their_values() -> None:
    assert normalized_attributes({"a": "1", " a": "2", "a\0": "1"}) == {"a": ["1", "2"]}


def test_the_number_of_keys_is_bounded() -> None:
    assert len(normalized_attributes({f"key {n}": n for n in range(2 * MOST_KEYS)})) == MOST_KEYS


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
    | st.integers(1, 9_000).map("é".__mul__),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=3,
)


@given(st.dictionaries(st.text(max_size=5) | st.integers(1, 300).map("x".__mul__), json_values, max_size=3))
def test_no_attribute_can_pass_lucenes_bound_of_a_term(attributes: dict[str, Any]) -> None:
    for key, values in normalized_attributes(attributes).items():
        assert 0 < len(key) <= LONGEST_KEY
        assert "\0" not in key
        for value in values:
            assert len(f"{key}\0{value}".encode()) < LUCENE_TERM_BYTES
            assert attribute_text(value) == value
