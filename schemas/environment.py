"""How a frozen settings class is read from environment variables; `settings` and its neighbours declare the classes.

Every fault is collected before anything is raised, so that an operator mends a deployment in one go.
"""

import dataclasses
import typing
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

Loaded = TypeVar("Loaded")
Parser = Callable[[str], Any]


class _Required:
    """Marks a variable without a default."""


REQUIRED = _Required()


@dataclasses.dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable: how to read it and what to say of it in `docs/reference/settings.md`."""

    name: str
    parse: Parser
    expects: str
    about: str
    default: Any
    secret: bool


class SettingsError(Exception):
    """The environment does not hold usable settings; `faults` maps each variable to what was expected."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = dict(faults)
        super().__init__("; ".join(f"{name}: {expected}" for name, expected in self.faults.items()))


def variable(  # noqa: PLR0913 - each argument is one column of the settings reference
    name: str,
    parse: Parser,
    *,
    expects: str,
    about: str,
    default: Any = REQUIRED,
    secret: bool = False,
) -> Any:
    """Declare a field of a settings class as read from the variable `name` (or from the file `name`_FILE if secret)."""
    declared = {"variable": Variable(name, parse, expects, about, default, secret)}
    if isinstance(default, _Required):
        return dataclasses.field(metadata=declared)
    return dataclasses.field(default=default, metadata=declared)


def variables_of(settings_class: type) -> Iterator[Variable]:
    """Every variable that the class and the classes nested in it read, in the order of declaration."""
    hints = typing.get_type_hints(settings_class)
    for each in dataclasses.fields(settings_class):
        if "variable" in each.metadata:
            yield each.metadata["variable"]
        else:
            yield from variables_of(hints[each.name])


def load(settings_class: type[Loaded], environ: Mapping[str, str]) -> Loaded:
    """Build the class from the mapping; raises SettingsError naming every missing or wrong variable."""
    faults: dict[str, str] = {}
    loaded = _load(settings_class, environ, faults)
    if faults:
        raise SettingsError(faults)
    return typing.cast("Loaded", loaded)


def _load(settings_class: type, environ: Mapping[str, str], faults: dict[str, str]) -> Any:
    hints = typing.get_type_hints(settings_class)
    values: dict[str, Any] = {}
    for each in dataclasses.fields(settings_class):
        if "variable" in each.metadata:
            values[each.name] = _read(each.metadata["variable"], environ, faults)
        else:
            values[each.name] = _load(hints[each.name], environ, faults)
    return None if faults else settings_class(**values)


def _read(wanted: Variable, environ: Mapping[str, str], faults: dict[str, str]) -> Any:
    try:
        raw = _raw(wanted, environ)
        if raw is not None:
            return wanted.parse(raw)
    except (ValueError, OSError) as error:
        shown = "" if wanted.secret else f" ({error})"
        faults[wanted.name] = f"expected {wanted.expects}{shown}"
        return None
    if isinstance(wanted.default, _Required):
        faults[wanted.name] = f"is not set; expected {wanted.expects}"
        return None
    return wanted.default


def _raw(wanted: Variable, environ: Mapping[str, str]) -> str | None:
    from_file = environ.get(f"{wanted.name}_FILE") if wanted.secret else None
    if from_file:
        return Path(from_file).read_text(encoding="utf-8").strip()
    return environ.get(wanted.name) or None


def text(raw: str) -> str:
    """Take the value as it stands."""
    return raw


def integer(low: int, high: int) -> Parser:
    """Make a parser for a whole number within both bounds."""

    def parse(raw: str) -> int:
        value = int(raw)
        if not low <= value <= high:
            raise ValueError(f"{value} is not between {low} and {high}")
        return value

    return parse


def boolean(raw: str) -> bool:
    """Read true/false, yes/no, on/off or 1/0 in any letter case."""
    known = {
        "true": True,
        "yes": True,
        "on": True,
        "1": True,
        "false": False,
        "no": False,
        "off": False,
        "0": False,
    }
    if raw.lower() not in known:
        raise ValueError(f"{raw!r} is neither true nor false")
    return known[raw.lower()]


def choice(*allowed: str) -> Parser:
    """Make a parser that takes one of the given words."""

    def parse(raw: str) -> str:
        if raw not in allowed:
            raise ValueError(f"{raw!r} is not one of {', '.join(allowed)}")
        return raw

    return parse


def url(*schemes: str) -> Parser:
    """Make a parser for a URL of one of the schemes, with a host."""

    def parse(raw: str) -> str:
        parts = urlsplit(raw)
        if parts.scheme not in schemes or not parts.hostname:
            raise ValueError(f"not a {' or '.join(schemes)} URL with a host")
        return raw.rstrip("/")

    return parse


def readable_file(raw: str) -> str:
    """Take the path of a file that is there."""
    if not Path(raw).is_file():
        raise ValueError(f"there is no file {raw}")
    return raw


def at_least(characters: int) -> Parser:
    """Make a parser for a text that is long enough to be a key."""

    def parse(raw: str) -> str:
        if len(raw) < characters:
            raise ValueError(f"shorter than {characters} characters")
        return raw

    return parse
