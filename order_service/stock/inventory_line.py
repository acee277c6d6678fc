"""Reads the lines of an inventory file (`store_code,id,quantity`); called by the inventory import, pure."""

import csv
import re
from typing import NamedTuple

from order_service.catalog.import_report import BadLine
from order_service.catalog.opening_stock import MAX_ON_HAND

COLUMNS = ("store_code", "id", "quantity")
QUANTITY_FORM = re.compile(r"[0-9]{1,12}")


class InventoryLine(NamedTuple):
    """What one line says; `number` is the line's."""

    number: int
    store_code: str
    sku: str
    quantity: int


class Layout(NamedTuple):
    """At which place of a line each column stands."""

    store_code: int
    sku: int
    quantity: int


def parse_header(content: bytes) -> Layout:
    """Find the three columns in the first line, in any order; raises BadLine naming those that are not there."""
    names = [name.strip().lower() for name in _cells(content)]
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise BadLine(f"the first line must name the columns {', '.join(COLUMNS)}; missing: {', '.join(missing)}")
    return Layout(*(names.index(name) for name in COLUMNS))


def parse_inventory_line(number: int, content: bytes, layout: Layout) -> InventoryLine:
    """Read one line after the first; raises BadLine with the reason."""
    cells = _cells(content)
    if len(cells) <= max(layout):
        raise BadLine(f"only {len(cells)} columns")
    code, sku, raw = (cells[place].strip() for place in layout)
    if not code or not sku:
        raise BadLine(f"{'store_code' if not code else 'id'} missing")
    if "\x00" in code + sku:
        raise BadLine("holds a NUL character")
    return InventoryLine(number, code, sku, _quantity(raw))


def _quantity(raw: str) -> int:
    if not QUANTITY_FORM.fullmatch(raw):
        told = "below zero" if QUANTITY_FORM.fullmatch(raw.removeprefix("-")) else "not a whole number"
        raise BadLine(f"quantity: {raw[:40]!r} is {told}")
    quantity = int(raw)
    if quantity > MAX_ON_HAND:
        raise BadLine(f"quantity: more than {MAX_ON_HAND}")
    return quantity


def _cells(content: bytes) -> list[str]:
    try:
        return next(csv.reader([content.decode()], strict=True), [])
    except UnicodeDecodeError as error:
        raise BadLine(f"not UTF-8 at byte {error.start + 1}") from error
    except csv.Error as error:
        raise BadLine(f"not CSV: {error}") from error
