import pytest
from rich.console import Console

from benchmarks import order_placement
from benchmarks.__main__ import add_rows, discovered, new_table
from benchmarks.rows import Row


def test_every_module_with_a_name_is_found() -> None:
    found = list(discovered([]))
    assert order_placement in found
    assert all(callable(module.run) for module in found)
    assert all(module.NAME for module in found)


def test_only_those_asked_for_are_run() -> None:
    assert list(discovered(["order_placement"])) == [order_placement]
    assert list(discovered(["rows"])) == []


def test_the_table_shows_the_ratio_beside_where_it_came_from() -> None:
    table = new_table()
    add_rows(table, "orders", [Row("one hot product", 2_500, 1_000, "pgbench", "orders/s", 2.0)])
    console = Console(width=160)
    with console.capture() as capture:
        console.print(table)
    line = next(each for each in capture.get().splitlines() if "hot product" in each)
    assert [part.strip() for part in line.strip("│ \n").split("│")] == [
        "orders",
        "one hot product",
        "2,500 orders/s",
        "1,000 orders/s (pgbench)",
        "2.50",
        "≥ 2",
        "met",
    ]


@pytest.mark.parametrize("load", order_placement.LOADS, ids=lambda load: str(load.name))
def test_the_reference_writes_as_many_lines_as_python_orders(load: order_placement.Load) -> None:
    script = order_placement.reference_script(load.variables)
    lines = len(load.products())
    assert script.count("INSERT INTO order_lines") == lines
    assert script.count("UPDATE stock_levels") == lines
    assert script.count("FOR NO KEY UPDATE") == lines
    assert script.count("INSERT INTO outbox") == 1


def test_orders_draw_products_that_exist_and_none_twice() -> None:
    for load in order_placement.LOADS:
        for _ in range(50):
            products = [line.product_id for line in order_placement.an_order(load).lines]
            assert len(products) == len(set(products))
            assert all(1 <= product <= order_placement.PRODUCTS for product in products)
