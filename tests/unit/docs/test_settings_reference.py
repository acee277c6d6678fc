"""docs/reference/settings.md and .env.example against the settings classes, both ways."""

import re
from pathlib import Path

from api.rate_limits import scopes
from schemas.environment import REQUIRED, Variable
from tests.factories.declared_settings import MODULES, declared_variables

REPOSITORY = Path(__file__).resolve().parents[3]
REFERENCE = REPOSITORY / "docs/reference/settings.md"
EXAMPLE = REPOSITORY / ".env.example"
PACKAGES = ("cli", "api", "search_indexer", "order_service", "messaging", "schemas", "observability")
VARIABLE_ROW = re.compile(r"^\| `([A-Z][A-Z0-9_]*)` \|.*\|$", re.MULTILINE)


def row(variable: Variable) -> str:
    """The line that the reference must hold for this variable."""
    secret = f"`{variable.name}_FILE`" if variable.secret else ""
    return f"| `{variable.name}` | {variable.expects} | {_default(variable)} | {variable.about} | {secret} |"


def _default(variable: Variable) -> str:
    if variable.default is REQUIRED:
        return "must be set"
    if variable.default is None:
        return "see below"
    if isinstance(variable.default, bool):
        return f"`{str(variable.default).lower()}`"
    return f"`{variable.default}`" if variable.default != "" else "empty"


def test_the_reference_has_the_right_row_for_every_variable() -> None:
    lines = REFERENCE.read_text(encoding="utf-8").splitlines()
    missing = [row(variable) for variable in declared_variables().values() if row(variable) not in lines]
    assert missing == [], "put these rows into docs/reference/settings.md:\n" + "\n".join(missing)


def test_the_reference_names_no_variable_that_is_not_read_and_none_twice() -> None:
    listed = VARIABLE_ROW.findall(REFERENCE.read_text(encoding="utf-8"))
    assert sorted(listed) == sorted(declared_variables())


def test_the_reference_gives_the_default_rate_limits() -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    names = {60: "min", 3600: "hour"}
    for scope, limit in scopes.PRODUCTION.items():
        development = scopes.DEVELOPMENT[scope]
        figures = [f"`{each.count}/{names[each.period_s]}`" for each in (limit, development)]
        assert f"| `{scope}` | {figures[0]} | {figures[1]} |" in text, scope


def test_settings_are_declared_where_the_reference_looks_for_them() -> None:
    known = {Path(module.__file__ or "").resolve() for module in MODULES}
    known.add(REPOSITORY / "schemas/environment.py")
    declaring = {
        path
        for package in PACKAGES
        for path in (REPOSITORY / package).rglob("*.py")
        if re.search(r"\bimport .*\bvariable\b", path.read_text(encoding="utf-8"))
    }
    assert declaring <= known


def test_the_example_lists_every_required_variable_without_a_value() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    for variable in declared_variables().values():
        if variable.default is REQUIRED:
            assert re.search(rf"^{variable.name}=$", text, re.MULTILINE), variable.name


def test_the_example_shows_true_defaults_and_no_secret() -> None:
    known = declared_variables()
    compose_only = {"COMPOSE_PROFILES", "AISLE_BIND", "AISLE_PORT", "AISLE_SECRETS", "AISLE_VERSION"}
    compose_only |= {"ELASTICSEARCH_JAVA_OPTIONS", "KAFKA_HEAP_OPTIONS"}
    for name, value in re.findall(r"^#?([A-Z][A-Z_]+)=(.*)$", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE):
        if name in known:
            assert not (known[name].secret and value), name
            assert not value or known[name].parse(value) == known[name].default, name
        else:
            assert name in compose_only, name


def test_what_the_example_says_for_compose_is_read_by_the_compose_file() -> None:
    compose = (REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8")
    of_compose = EXAMPLE.read_text(encoding="utf-8").split("Docker Compose only")[1]
    for name in re.findall(r"^#?([A-Z][A-Z_]+)=", of_compose, re.MULTILINE):
        assert name == "COMPOSE_PROFILES" or f"${{{name}:-" in compose, name
