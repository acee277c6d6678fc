"""What may go into a parcel."""

from order_service.orders.parcels import PackedLine, packing_faults

LEFT = {1: 2, 2: 0, 3: 5}


def faulty(*lines: tuple[int, int]) -> list[str]:
    return [fault.field for fault in packing_faults([PackedLine(*line) for line in lines], LEFT)]


def test_what_is_left_may_be_packed_in_part_and_whole() -> None:
    assert faulty((1, 2), (3, 1)) == []


def test_each_line_that_cannot_be_packed_is_named() -> None:
    assert faulty((1, 3), (2, 1), (4, 1), (3, 0), (3, 1)) == [
        "lines[0].quantity", "lines[1].quantity", "lines[2].line", "lines[3].quantity", "lines[4].line",
    ]  # fmt: skip
