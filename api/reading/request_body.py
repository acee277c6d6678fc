"""Reads a JSON request body into a struct, with every faulty field named at once; called by the handlers.

msgspec stops at its first fault, so each field is converted by itself.
"""

import types
import typing
from collections.abc import Iterator
from typing import Annotated, Any, TypeVar, get_args, get_origin

import msgspec

from api.reading.faults import MalformedBody, UnsupportedMediaType
from order_service.errors import FieldFault, InvalidInput
from schemas.http_api.marks import AMOUNT, CURRENCY, PERCENT, POSITIVE_AMOUNT
from schemas.money import to_minor_units
from schemas.percent import to_ppm

Body = TypeVar("Body", bound=msgspec.Struct)

MAX_DEPTH = 32
MAX_FAULTS = 100
MAX_INTEGER = 2**63
WHOLE_BODY = "body"


def read_body(kind: type[Body], raw: bytes, content_type: str, currency: str) -> Body:
    """Read the body as `kind`.

    Raises UnsupportedMediaType, MalformedBody for what is not JSON, and InvalidInput with every faulty, missing and
    unknown field, and with every value that no column can hold.
    """
    decoded = decode_json(raw, content_type)
    reading = _Reading(currency)
    _check_values(decoded, "", 0, reading.faults)
    read = reading.struct(kind, decoded, "")
    if reading.faults:
        first_of_field = {fault.field: fault for fault in reversed(reading.faults)}
        raise InvalidInput(list(reversed(first_of_field.values()))[:MAX_FAULTS])
    return typing.cast("Body", read)


def decode_json(raw: bytes, content_type: str) -> Any:
    """Decode the body; raises UnsupportedMediaType or MalformedBody."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type != "application/json" and not (
        media_type.startswith("application/") and media_type.endswith("+json")
    ):
        raise UnsupportedMediaType(media_type)
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedBody(str(error).partition(" - at `")[0]) from error
    except RecursionError as error:
        raise MalformedBody("nested too deeply") from error


def _check_values(value: Any, path: str, depth: int, faults: list[FieldFault]) -> None:
    """Note every NUL and every integer that no column can hold, however deep."""
    if depth > MAX_DEPTH:
        raise MalformedBody("nested too deeply")
    if isinstance(value, str) and "\x00" in value:
        faults.append(FieldFault(path or WHOLE_BODY, "holds a NUL character"))
    elif isinstance(value, int) and abs(value) >= MAX_INTEGER:
        faults.append(FieldFault(path or WHOLE_BODY, "is out of range"))
    for at, each in _members(value, path):
        _check_values(each, at, depth + 1, faults)


def _members(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Give the members of an object (its names too, being text) or the items of a list, with their paths."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield path, name
            yield joined(path, name), each
    elif isinstance(value, list):
        for position, each in enumerate(value):
            yield f"{path}[{position}]", each


def joined(path: str, name: str) -> str:
    """Name a member of an object as the client would; a long name is cut."""
    shown = name.replace("\x00", "�")[:100]
    return f"{path}.{shown}" if path else shown


class _Reading:
    """One body being read; `faults` fills up on the way."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self.faults: list[FieldFault] = []

    def struct(self, kind: type[msgspec.Struct], raw: Any, path: str) -> msgspec.Struct | None:
        if not isinstance(raw, dict):
            self._fault(path, "is not an object")
            return None
        fields = {each.encode_name: each for each in msgspec.structs.fields(kind)}
        before = len(self.faults)
        for name in raw:
            if name not in fields:
                self._fault(joined(path, name), "is not a field that is known here")
        values: dict[str, Any] = {}
        for name, each in fields.items():
            if name in raw:
                values[each.name] = self._value(each.type, raw[name], joined(path, name))
            elif each.required:
                self._fault(joined(path, name), "is required")
        return kind(**values) if len(self.faults) == before else None

    def _value(self, declared: Any, raw: Any, path: str) -> Any:
        if raw is None and types.NoneType in get_args(declared):
            return None
        wanted = _without_absence(declared)
        plain, marks = _unwrapped(wanted)
        if isinstance(plain, type) and issubclass(plain, msgspec.Struct):
            return self.struct(plain, raw, path)
        if get_origin(plain) is list and isinstance(raw, list):
            return self._items(plain, marks, raw, path)
        return self._converted(wanted, raw, path)

    def _items(self, plain: Any, marks: list[msgspec.Meta], raw: list[Any], path: str) -> list[Any]:
        shortest = max((mark.min_length or 0 for mark in marks), default=0)
        longest = min((mark.max_length for mark in marks if mark.max_length is not None), default=len(raw))
        if not shortest <= len(raw) <= longest:
            self._fault(path, f"takes {shortest} to {longest} items" if shortest else f"takes at most {longest} items")
            return []
        item = get_args(plain)[0]
        return [self._value(item, each, f"{path}[{position}]") for position, each in enumerate(raw)]

    def _converted(self, wanted: Any, raw: Any, path: str) -> Any:
        try:
            value = msgspec.convert(raw, wanted)
        except msgspec.ValidationError as error:
            message, _, at = str(error).partition(" - at `$")
            self._fault(path + at.rstrip("`"), message[:1].lower() + message[1:])
            return None
        broken = self._rule_broken(wanted, value)
        if broken:
            self._fault(path, broken)
        return value

    def _rule_broken(self, wanted: Any, value: Any) -> str | None:
        kinds = {mark.extra["kind"] for mark in _unwrapped(wanted)[1] if mark.extra}
        if CURRENCY in kinds:
            return None if value == self.currency else f"is not the shop's currency, {self.currency}"
        if PERCENT in kinds:
            return percent_fault(value)
        if kinds & {AMOUNT, POSITIVE_AMOUNT}:
            return amount_fault(value, self.currency, positive=POSITIVE_AMOUNT in kinds)
        return None

    def _fault(self, path: str, message: str) -> None:
        self.faults.append(FieldFault(path or WHOLE_BODY, message))


def amount_fault(value: str, currency: str, *, positive: bool) -> str | None:
    """Say what is wrong with a decimal amount in the currency; None when nothing is."""
    try:
        minor_units = to_minor_units(value, currency)
    except ValueError as error:
        return str(error)
    return "is not above zero" if positive and minor_units <= 0 else None


def percent_fault(value: str) -> str | None:
    """Say what is wrong with a percentage; None when nothing is."""
    try:
        to_ppm(value)
    except ValueError as error:
        return f"is {error}"
    return None


def _without_absence(declared: Any) -> Any:
    """Take None and UNSET, which stand for absence, out of a union."""
    if get_origin(declared) not in {typing.Union, types.UnionType}:
        return declared
    kept = tuple(each for each in get_args(declared) if each not in {types.NoneType, msgspec.UnsetType})
    return typing.Union[kept]  # noqa: UP007 - the members are known only at run time


def _unwrapped(wanted: Any) -> tuple[Any, list[msgspec.Meta]]:
    """Split `Annotated[plain, marks…]`."""
    if get_origin(wanted) is not Annotated:
        return wanted, []
    plain, *marks = get_args(wanted)
    return plain, [mark for mark in marks if isinstance(mark, msgspec.Meta)]
