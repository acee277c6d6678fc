"""Percentages at the borders."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.percent import to_percent, to_ppm


@given(st.integers(0, 1_000_000))
def test_every_rate_survives_the_way_out_and_back(ppm: int) -> None:
    assert to_ppm(to_percent(ppm)) == ppm


def test_a_rate_is_written_without_needless_zeros() -> None:
    assert [to_percent(ppm) for ppm in (0, 88_750, 210_000, 1_000_000)] == ["0", "8.875", "21", "100"]


@pytest.mark.parametrize("raw", ["", "-1", "100.0001", "8.87500", "NaN", "1e1", "٣", "21 "])
def test_anything_else_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match="percent"):
        to_ppm(raw)
