"""Tokens that name a write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.reading.index_tokens import read_tokens, to_token
from order_service.errors import InvalidInput


@given(st.dictionaries(st.integers(1, 10**18 - 1), st.integers(1, 10**18 - 1), min_size=1, max_size=9))
def test_a_token_reads_back(versions: dict[int, int]) -> None:
    assert read_tokens(to_token(versions)) == versions


def test_of_several_tokens_the_latest_version_of_a_product_counts() -> None:
    tokens = f"{to_token({1: 5})}, {to_token({2: 1})},{to_token({1: 4})}"
    assert read_tokens(tokens) == {1: 5, 2: 1}


@pytest.mark.parametrize("header", ["", "forged", "!!!", "MTo", "eA", "a" * 5000, "é", ",", "MToyOjM"])
def test_anything_else_is_refused_by_name(header: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_tokens(header)
    assert [fault.field for fault in caught.value.faults] == ["Index-Token"]
