"""25 stores, and stock that the inventory import takes."""

from order_service.catalog.import_stores import parse_store_line
from order_service.catalog.seed.shops import inventory_lines, store_lines
from order_service.stock.inventory_line import parse_header, parse_inventory_line


def test_there_are_twenty_five_stores() -> None:
    assert len({parse_store_line(line.content or b"")["code"] for line in store_lines()}) == 25


def test_the_first_store_has_everything_and_the_others_some() -> None:
    header, *lines = inventory_lines(["A", "B", "C"])
    layout = parse_header(header.content or b"")
    levels = [parse_inventory_line(line.number, line.content or b"", layout) for line in lines]
    assert {level.sku for level in levels if level.store_code == "A01" and level.quantity > 0} == {"A", "B", "C"}
    assert 3 < len(levels) < 75
    assert list(inventory_lines(["A", "B", "C"])) == [header, *lines]
