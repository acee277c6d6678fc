from rich.console import Console

from benchmarks import order_placement
from benchmarks.__main__ import add_rows, caption, discovered, new_table
from benchmarks.rows import Goal, Row


def test_every_module_with_a_name_is_found() -> None:
    found = list(discovered([]))
    assert order_placement in found
    assert all(callable(module.run) for module in found)
    assert all(module.NAME for module in found)


def test_only_those_asked_for_are_run() -> None:
    assert list(discovered(["order_placement"])) == [order_placement]
    assert list(discovered(["rows", "own_servers"])) == []


def test_the_table_shows_the_ratio_beside_where_it_came_from() -> None:
    table = new_table()
    add_rows(table, "orders", [Row("one hot product", 2_500, 1_000, "pgbench", "orders/s", Goal(2))])
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


def test_the_caption_says_how_busy_the_machine_was_before_each() -> None:
    assert caption([0.031, 0.5]).endswith("busy before each benchmark: 3%, 50%")
