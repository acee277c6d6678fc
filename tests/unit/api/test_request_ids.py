"""Which request ids are kept."""

import pytest

from api.request_ids import request_id_of


@pytest.mark.parametrize("sent", ["a", "A-b_c.9", "x" * 128])
def test_a_sane_id_is_kept(sent: str) -> None:
    assert request_id_of(sent) == sent


@pytest.mark.parametrize("sent", [None, "", "x" * 129, "a b", "a\n", "é", "<script>", "a;b"])
def test_any_other_is_replaced(sent: str | None) -> None:
    made = request_id_of(sent)
    assert made != sent
    assert request_id_of(made) == made
