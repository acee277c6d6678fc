"""Where `aisle users create` takes the password from."""

from click.testing import CliRunner

from cli.main import aisle


def test_an_unset_password_variable_is_named() -> None:
    arguments = ["users", "create", "--email", "a@example.com", "--username", "abc", "--password-env", "NOT_SET_HERE"]
    result = CliRunner().invoke(aisle, arguments)
    assert result.exit_code == 1
    assert "NOT_SET_HERE is not set" in result.output
