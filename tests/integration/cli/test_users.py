"""`aisle users create` on real Postgres."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from cli.main import aisle

pytestmark = pytest.mark.servers

WHO = ("users", "create", "--email", "staff@example.com", "--username", "staff", "--role", "staff")
GOOD, WEAK = "Correct-horse-battery-1", "password"


def test_an_account_is_created_once(
    shop: Callable[..., Result], query: Callable[[str], list[tuple[object, ...]]]
) -> None:
    made = shop(*WHO, "--password-env", "SECRET", SECRET=GOOD)
    assert (made.exit_code, made.output) == (0, "created staff staff <staff@example.com>, id 1\n")
    assert query("SELECT role, password_hash LIKE '$argon2id$%' FROM users") == [("staff", True)]
    again = shop(*WHO, "--password-env", "SECRET", "--exists-ok", SECRET=GOOD)
    assert (again.exit_code, again.output) == (0, "staff <staff@example.com> exists, left as it is\n")
    assert shop(*WHO, "--password-env", "SECRET", SECRET=GOOD).exit_code == 1


def test_a_name_used_by_another_account_is_refused_even_so(shop: Callable[..., Result]) -> None:
    shop(*WHO, "--password-env", "SECRET", "--exists-ok", SECRET=GOOD)
    other = ("users", "create", "--email", "other@example.com", "--username", "staff", "--exists-ok")
    assert shop(*other, "--password-env", "SECRET", SECRET=GOOD).exit_code == 1


def test_a_weak_password_is_refused(shop: Callable[..., Result]) -> None:
    assert shop(*WHO, "--password-env", "SECRET", "--exists-ok", SECRET=WEAK).exit_code == 1


def test_without_a_variable_the_password_is_asked_for(shop: Callable[..., Result], empty_shop: dict[str, str]) -> None:
    shop(*WHO, "--password-env", "SECRET", "--exists-ok", SECRET=GOOD)
    arguments = ("users", "create", "--email", "asked@example.com", "--username", "asked")
    result = CliRunner().invoke(aisle, arguments, env=empty_shop, input=f"{GOOD}\n{GOOD}\n")
    assert result.exit_code == 0
    assert GOOD not in result.output
