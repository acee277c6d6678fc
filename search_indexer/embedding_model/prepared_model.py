"""Where the prepared model lies and whether it is whole; used by the preparation and by whoever loads it.

A prepared model is one folder with the graph, the tokenizer and a manifest that names the model and hashes both.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

MODEL_NAME = "all-minilm-l6-v2-int8-1"
"""Vectors of two names are never compared with each other; the last number rises when the graph changes."""

DIMENSIONS = 384

GRAPH_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
MANIFEST_FILE = "manifest.json"


class Manifest(msgspec.Struct, frozen=True):
    """The name of the model in a folder and the SHA-256 of each of its files."""

    name: str
    files: dict[str, str]


def model_folder(chosen: str, environ: Mapping[str, str]) -> Path:
    """Give the folder that MODEL_FOLDER chose, else the model's place in the cache of the account that runs us."""
    if chosen:
        return Path(chosen)
    cache = environ.get("XDG_CACHE_HOME")
    return Path(cache or Path.home() / ".cache") / "aisle" / "models" / MODEL_NAME


def read_manifest(folder: Path) -> Manifest | None:
    """Read what the folder says it holds; None where nothing was prepared or only by another release."""
    try:
        found = msgspec.json.decode((folder / MANIFEST_FILE).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError):
        return None
    return found if found.name == MODEL_NAME else None


def write_manifest(folder: Path) -> None:
    """Hash the files and name them; the last step of a preparation."""
    manifest = Manifest(MODEL_NAME, {name: _sha256(folder / name) for name in (GRAPH_FILE, TOKENIZER_FILE)})
    (folder / MANIFEST_FILE).write_bytes(msgspec.json.encode(manifest))


def is_whole(folder: Path) -> bool:
    """Whether this release's model is there and no file was changed since; reads 23 MB."""
    manifest = read_manifest(folder)
    if manifest is None:
        return False
    return all((folder / name).is_file() and _sha256(folder / name) == told for name, told in manifest.files.items())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
