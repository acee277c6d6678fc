"""Which moves an order may make."""

import pytest

from order_service.orders.states import MOVES, STATUSES, allowed_moves


def test_every_status_has_its_moves_and_every_move_leads_to_a_status() -> None:
    assert set(MOVES) == set(STATUSES)
    assert {move for moves in MOVES.values() for move in moves} <= set(STATUSES)


def test_nothing_leads_back_to_confirmed_or_to_rejected() -> None:
    assert not any({"CONFIRMED", "REJECTED"} & set(moves) for moves in MOVES.values())


@pytest.mark.parametrize(
    ("current", "expected"), [("CONFIRMED", ["CANCELLED"]), ("PAID", ["CANCELLED"]), ("SHIPPED", [])]
)
def test_an_owner_may_only_cancel_before_shipping(current: str, expected: list[str]) -> None:
    assert allowed_moves(current, payment_required=False, is_staff=False) == expected


def test_an_unpaid_order_ships_only_where_no_payment_is_required() -> None:
    assert "SHIPPED" in allowed_moves("CONFIRMED", payment_required=False, is_staff=True)
    assert "SHIPPED" not in allowed_moves("CONFIRMED", payment_required=True, is_staff=True)
    assert "SHIPPED" in allowed_moves("PAID", payment_required=True, is_staff=True)


@pytest.mark.parametrize("final", ["CANCELLED", "REFUNDED", "REJECTED"])
def test_a_final_state_has_no_way_out(final: str) -> None:
    assert allowed_moves(final, payment_required=False, is_staff=True) == []
