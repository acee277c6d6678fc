"""What `aisle import` says before it needs a database."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import aisle


@pytest.mark.parametrize("what", ["products", "stores", "inventory"])
def test_a_missing_file_is_one_clear_line(what: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(aisle, ["import", what, str(tmp_path / "nothing")])
    assert result.exit_code == 1
    assert result.output == f"Error: {tmp_path / 'nothing'}: No such file or directory\n"


def test_every_command_explains_itself() -> None:
    for arguments in (["import"], ["users", "create"], ["migrate"], ["seed"]):
        result = CliRunner().invoke(aisle, [*arguments, "--help"])
        assert result.exit_code == 0
        assert result.output.startswith("Usage: aisle")
