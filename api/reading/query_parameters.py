"""Reads the query string strictly: every faulty, repeated or unknown parameter is named; called by the handlers."""

from collections.abc import Collection
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from order_service.errors import FieldFault, InvalidInput
from schemas.money import to_minor_units

MAX_PARAMETERS = 200
MAX_VALUES = 50
MAX_ID = 2**63 - 1
DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 20, 100
BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


class QueryParameters:
    """One query string; ask for each parameter by name, then call `finish`, which raises with all faults."""

    def __init__(self, query: str) -> None:
        self.faults: list[FieldFault] = []
        self._values = self._parsed(query)
        self._asked: set[str] = set()

    def _parsed(self, query: str) -> dict[str, list[str]]:
        values: dict[str, list[str]] = {}
        try:
            pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
        except ValueError as error:  # includes UnicodeDecodeError
            self.fault("query", f"cannot be read: {error}"[:200])
            return values
        for name, value in pairs:
            values.setdefault(name, []).append(value)
            if "\x00" in name or "\x00" in value:
                self.fault(name.replace("\x00", "�")[:100], "holds a NUL character")
        return values

    def fault(self, name: str, message: str) -> None:
        """Note a fault of one parameter."""
        self.faults.append(FieldFault(name, message))

    def finish(self) -> None:
        """Raise InvalidInput when a parameter was faulty or is unknown here."""
        self.faults += [
            FieldFault(name[:100], "is not a parameter that is known here")
            for name in self._values
            if name not in self._asked
        ]
        if self.faults:
            raise InvalidInput(self.faults[:100])

    def texts(self, name: str, max_length: int = 200) -> list[str]:
        """Give every non-empty value of a parameter that may be repeated."""
        self._asked.add(name)
        values = list(dict.fromkeys(value for value in self._values.get(name, []) if value))
        if len(values) > MAX_VALUES:
            self.fault(name, f"takes at most {MAX_VALUES} values")
        if any(len(value) > max_length for value in values):
            self.fault(name, f"takes at most {max_length} characters")
        return values

    def text(self, name: str, max_length: int = 200) -> str | None:
        """Give the one value of a parameter; None when it is absent or empty."""
        values = self.texts(name, max_length)
        if len(values) > 1:
            self.fault(name, "takes one value")
        return values[0] if values else None

    def prefixed(self, prefix: str) -> dict[str, list[str]]:
        """Give the values of every parameter whose name begins with the prefix, by the rest of the name."""
        names = [name for name in self._values if name.startswith(prefix) and len(name) > len(prefix)]
        return {name.removeprefix(prefix): values for name in names if (values := self.texts(name))}

    def integer(self, name: str, low: int, high: int) -> int | None:
        """Give a whole number within both bounds."""
        raw = self.text(name)
        if raw is None:
            return None
        if raw.isascii() and raw.isdigit() and len(raw) <= len(str(high)) and low <= int(raw) <= high:
            return int(raw)
        self.fault(name, f"is not a whole number from {low} to {high}")
        return None

    def id(self, name: str) -> int | None:
        """Give an id."""
        return self.integer(name, 1, MAX_ID)

    def boolean(self, name: str) -> bool | None:
        """Give true or false."""
        raw = self.text(name)
        if raw is None:
            return None
        if raw.lower() not in BOOLEANS:
            self.fault(name, "is neither true nor false")
        return BOOLEANS.get(raw.lower())

    def choice(
        self, name: str, allowed: Collection[str], default: str | None = None, *, any_case: bool = False
    ) -> str | None:
        """Give one of the allowed words; `any_case` is for words that are written in capitals."""
        raw = self.text(name)
        if raw is None:
            return default
        raw = raw.upper() if any_case else raw
        if raw not in allowed:
            self.fault(name, f"is not one of {', '.join(allowed)}")
            return default
        return raw

    def amount(self, name: str, currency: str) -> int | None:
        """Give a decimal amount in minor units."""
        raw = self.text(name)
        if raw is None:
            return None
        try:
            return to_minor_units(raw, currency)
        except ValueError as error:
            self.fault(name, str(error))
            return None

    def price_range(self, currency: str) -> tuple[int | None, int | None]:
        """Give `price_min` and `price_max` in minor units; a range that is upside down is a fault of both."""
        low, high = self.amount("price_min", currency), self.amount("price_max", currency)
        if low is not None and high is not None and low > high:
            self.fault("price_min", "is above price_max")
            self.fault("price_max", "is below price_min")
        return low, high

    def moment(self, name: str) -> datetime | None:
        """Give a point in time as RFC 3339 has it; without an offset it is UTC."""
        raw = self.text(name)
        if raw is None:
            return None
        try:
            moment = datetime.fromisoformat(raw)
        except ValueError:
            self.fault(name, "is not a time such as 2026-11-01T09:30:00Z")
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def page(self, window: int | None = None) -> tuple[int, int]:
        """Give `page` (from 1) and `page_size`; a page that ends beyond the `window` is a fault."""
        page = self.integer("page", 1, 10**9) or 1
        page_size = self.integer("page_size", 1, MAX_PAGE_SIZE) or DEFAULT_PAGE_SIZE
        if window is not None and page * page_size > window:
            self.fault("page", f"ends beyond the first {window} hits")
        return page, page_size

    def is_given(self, name: str) -> bool:
        """Whether the parameter is there at all."""
        return name in self._values
