"""What an import tells of itself while it runs and at its end; shared by the three imports and the seed."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from order_service.actor import Actor
from order_service.catalog.line_reader import UnreadableFile
from order_service.database.engine import Database

Existing = Literal["update", "keep"]
"""What to do with rows that are there: bring them to what the file says, or leave them as they are."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an import writes, in whose name, and what it does to rows that are there."""

    database: Database
    actor: Actor
    existing: Existing = "update"


class BadLine(Exception):
    """A line that cannot go in; the text is the reason, without the line's number."""


@dataclass(slots=True)
class ImportReport:
    """Counts of one import; `on_bad(line number, reason)` hears of a bad line at once, `on_batch` of a commit."""

    on_bad: Callable[[int, str], None]
    on_batch: Callable[[], None] = field(default=lambda: None)
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    bad: int = 0

    def refuse(self, number: int, reason: str) -> None:
        """Count and tell one bad line."""
        self.bad += 1
        self.on_bad(number, reason)

    def count(self, *, created: int, changed: int, unchanged: int) -> None:
        """Add what one committed batch did."""
        self.created += created
        self.changed += changed
        self.unchanged += unchanged
        self.on_batch()


def batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Cut a stream into lists of at most `size`; where the file breaks off, what came before is given first."""
    batch: list[Item] = []
    try:
        for item in items:
            batch.append(item)
            if len(batch) == size:
                yield batch
                batch = []
    except UnreadableFile:
        if batch:
            yield batch
        raise
    if batch:
        yield batch
