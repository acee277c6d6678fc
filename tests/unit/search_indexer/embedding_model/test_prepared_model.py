from pathlib import Path

import msgspec

from search_indexer.embedding_model.prepared_model import (
    GRAPH_FILE,
    MANIFEST_FILE,
    MODEL_NAME,
    TOKENIZER_FILE,
    Manifest,
    is_whole,
    model_folder,
    read_manifest,
    write_manifest,
)


def put_files(folder: Path) -> None:
    (folder / GRAPH_FILE).write_bytes(b"graph")
    (folder / TOKENIZER_FILE).write_bytes(b"tokenizer")


def test_the_folder_that_was_chosen_is_taken() -> None:
    assert model_folder("/srv/model", {"XDG_CACHE_HOME": "/cache"}) == Path("/srv/model")


def test_without_a_choice_it_lies_in_the_cache_of_the_account() -> None:
    assert model_folder("", {"XDG_CACHE_HOME": "/cache"}) == Path("/cache/aisle/models") / MODEL_NAME
    assert model_folder("", {}) == Path.home() / ".cache/aisle/models" / MODEL_NAME


def test_a_folder_is_whole_with_its_manifest_and_not_before(tmp_path: Path) -> None:
    assert not is_whole(tmp_path)
    put_files(tmp_path)
    assert not is_whole(tmp_path)
    write_manifest(tmp_path)
    assert is_whole(tmp_path)


def test_a_changed_or_missing_file_is_noticed(tmp_path: Path) -> None:
    put_files(tmp_path)
    write_manifest(tmp_path)
    (tmp_path / GRAPH_FILE).write_bytes(b"grap")
    assert not is_whole(tmp_path)
    put_files(tmp_path)
    assert is_whole(tmp_path)
    (tmp_path / TOKENIZER_FILE).unlink()
    assert not is_whole(tmp_path)


def test_the_model_of_another_release_is_none(tmp_path: Path) -> None:
    (tmp_path / MANIFEST_FILE).write_bytes(msgspec.json.encode(Manifest("another", {})))
    assert read_manifest(tmp_path) is None
    assert not is_whole(tmp_path)


def test_an_unreadable_manifest_is_none(tmp_path: Path) -> None:
    (tmp_path / MANIFEST_FILE).write_bytes(b'{"name": 1}')
    assert read_manifest(tmp_path) is None
