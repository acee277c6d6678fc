"""The states of an order and the moves between them: pure; `move_order` applies it.

CONFIRMED → PAID → SHIPPED → DELIVERED; CONFIRMED → SHIPPED where no payment is required; CONFIRMED and PAID may be
CANCELLED; PAID, SHIPPED and DELIVERED may be REFUNDED. REJECTED, CANCELLED and REFUNDED are final.
"""

STATUSES = ("CONFIRMED", "PAID", "SHIPPED", "DELIVERED", "CANCELLED", "REFUNDED", "REJECTED")

MOVES: dict[str, tuple[str, ...]] = {
    "CONFIRMED": ("PAID", "SHIPPED", "CANCELLED"),
    "PAID": ("SHIPPED", "CANCELLED", "REFUNDED"),
    "SHIPPED": ("DELIVERED", "REFUNDED"),
    "DELIVERED": ("REFUNDED",),
    "CANCELLED": (),
    "REFUNDED": (),
    "REJECTED": (),
}

RESTOCKING = frozenset({"CANCELLED"})
"""Moves that put the goods back on the shelf; a refund of delivered goods does not."""


def allowed_moves(current: str, *, payment_required: bool, is_staff: bool) -> list[str]:
    """List where an order may go from here; its owner may only cancel it."""
    moves = [move for move in MOVES[current] if not (payment_required and (current, move) == ("CONFIRMED", "SHIPPED"))]
    return moves if is_staff else [move for move in moves if move == "CANCELLED"]
