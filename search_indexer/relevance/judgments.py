"""Reads the files that search is judged by: graded products, known items, misspellings; for `aisle evaluate-search`.

Each is a CSV file with a head line; products are named by SKU, since ids differ between installations.
"""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

HIGHEST_GRADE = 3

Row = TypeVar("Row")


@dataclass
class UnreadableJudgments(Exception):
    """A file or a line of one cannot be used; `line` is 0 when it is the whole file."""

    file: Path
    line: int
    reason: str

    def __str__(self) -> str:
        """Name the place and the reason, for the terminal."""
        return f"{self.file}:{self.line}: {self.reason}" if self.line else f"{self.file}: {self.reason}"


class KnownItem(msgspec.Struct, frozen=True):
    """A text that one product should answer first."""

    query: str
    sku: str


class Typo(msgspec.Struct, frozen=True):
    """A word as it was typed, and as it was meant."""

    typed: str
    intended: str


def read_judgments(file: Path) -> dict[str, dict[str, int]]:
    """Read `query,product_id,grade` into a grade from 0 to 3 for each SKU of each query."""
    judgments: dict[str, dict[str, int]] = {}
    for query, sku, grade in _rows(file, lambda row: (row["query"], row["product_id"], _grade(row["grade"]))):
        judgments.setdefault(query, {})[sku] = grade
    return judgments


def read_known_items(file: Path) -> list[KnownItem]:
    """Read `query,product_id`; further columns are ignored."""
    return list(_rows(file, lambda row: KnownItem(row["query"], row["product_id"])))


def read_typos(file: Path) -> list[Typo]:
    """Read `typo,intended`; further columns are ignored."""
    return list(_rows(file, lambda row: Typo(row["typo"], row["intended"])))


def _rows(file: Path, read: Callable[[Mapping[str, str]], Row]) -> Iterator[Row]:
    """Read each line with `read`; raises UnreadableJudgments, also when there is none."""
    found = 0
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            for line, row in enumerate(csv.DictReader(stream, strict=True), start=2):
                yield _read(file, line, row, read)
                found += 1
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableJudgments(file, 0, str(error)) from error
    if not found:
        raise UnreadableJudgments(file, 0, "it holds no rows")


def _read(file: Path, line: int, row: Mapping[str, str | None], read: Callable[[Mapping[str, str]], Row]) -> Row:
    try:
        return read({name: value or "" for name, value in row.items()})
    except KeyError as error:
        raise UnreadableJudgments(file, line, f"there is no column {error}") from error
    except ValueError as error:
        raise UnreadableJudgments(file, line, str(error)) from error


def _grade(text: str) -> int:
    if not text.isdecimal() or int(text) > HIGHEST_GRADE:
        raise ValueError(f"a grade is a whole number from 0 to {HIGHEST_GRADE}, not {text!r}")
    return int(text)
