"""Runs every benchmark of this package and prints one table; `make bench` calls it with the servers' addresses set.

`python -m benchmarks order_placement` runs only those named. Exit code 1 says that a benchmark could not run; a missed
goal is for the reader to judge, since figures of a busy machine prove nothing.
"""

import importlib
import os
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from types import ModuleType

from rich.console import Console
from rich.table import Table

import benchmarks
from benchmarks.processor_time import busy_share
from benchmarks.rows import Row, shown

WATCHED_S = 1.0


def main(wanted: Sequence[str]) -> int:
    """Run the benchmarks named, or all; returns the exit code."""
    console = Console()
    table = new_table()
    failures = 0
    busy: list[float] = []
    for module in discovered(wanted):
        with console.status(f"{module.NAME} …"):
            busy.append(busy_share(WATCHED_S))
            try:
                rows: list[Row] = module.run()
            except Exception:  # noqa: BLE001 - one benchmark that fails must not hide the others
                console.print_exception()
                failures += 1
                continue
        add_rows(table, module.NAME, rows)
    table.caption = caption(busy)
    console.print(table)
    return 1 if failures else 0


def discovered(wanted: Sequence[str]) -> Iterator[ModuleType]:
    """Import every module of the package that has a `NAME`, in alphabetical order."""
    for found in sorted(pkgutil.iter_modules(benchmarks.__path__), key=lambda each: each.name):
        if found.name == "__main__" or (wanted and found.name not in wanted):
            continue
        module = importlib.import_module(f"{benchmarks.__name__}.{found.name}")
        if hasattr(module, "NAME"):
            yield module


def new_table() -> Table:
    """Make the empty table."""
    table = Table(title="Ratios against the reference measured in the same run")
    for column in ("benchmark", "claim"):
        table.add_column(column)
    for column in ("measured", "reference", "ratio", "goal"):
        table.add_column(column, justify="right")
    table.add_column("")
    return table


def caption(busy: Sequence[float]) -> str:
    """Say what else the processors did: the figures of a busy machine prove nothing."""
    shares = ", ".join(f"{share:.0%}" for share in busy)
    return f"{os.cpu_count()} processors; busy before each benchmark: {shares}"


def add_rows(table: Table, name: str, rows: Sequence[Row]) -> None:
    """Append one benchmark's rows."""
    for row in rows:
        measured = f"{shown(row.measured)} {row.unit}"
        reference = f"{shown(row.reference)} {row.unit} ({row.reference_name})"
        table.add_row(name, row.claim, measured, reference, f"{row.ratio:.2f}", row.goal_text, row.verdict)
    table.add_section()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
