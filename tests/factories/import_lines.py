"""Builds the lines and the destination that an import takes, without files."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from order_service.actor import Actor
from order_service.catalog.import_report import Destination, Existing, ImportReport
from order_service.catalog.line_reader import Line
from order_service.database.engine import Database


class Told(ImportReport):
    """A report that keeps what it is told of bad lines, as (number, reason)."""

    def __init__(self) -> None:
        self.lines: list[tuple[int, str]] = []
        super().__init__(on_bad=lambda number, reason: self.lines.append((number, reason)))

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Created, changed, unchanged and bad."""
        return self.created, self.changed, self.unchanged, self.bad


def destination(database: Database, existing: Existing = "update") -> Destination:
    """Make the place an import writes to."""
    return Destination(database, Actor("import", "request-of-an-import"), existing)


def json_lines(items: Iterable[dict[str, Any] | bytes]) -> Iterator[Line]:
    """Number the lines; bytes stand as they are."""
    for number, item in enumerate(items, start=1):
        yield Line(number, item if isinstance(item, bytes) else msgspec.json.encode(item))


def csv_lines(*rows: object) -> Iterator[Line]:
    """Number the lines of an inventory file, its header first."""
    yield Line(1, b"store_code,id,quantity")
    for number, row in enumerate(rows, start=2):
        yield Line(number, row if isinstance(row, bytes) else str(row).encode())
