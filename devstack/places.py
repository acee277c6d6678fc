"""Which folders a stack uses: the cache all checkouts share, and each stack's data.

Both are where one expects them, unless the account that runs the servers cannot go there: then `/var/cache`
and `/var/lib` take their place (only root switches accounts, and root may write there).
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from devstack.account import Account

SYSTEM_CACHE = Path("/var/cache/aisle")
SYSTEM_DATA = Path("/var/lib/aisle-devstack")
PUBLIC_MODE = 0o755
NOTE = "stands-in-for"
FOLDER_VARIABLE = "DEVSTACK_FOLDER"
"""Names another folder for the state of `up`; the tests of `up` use it."""


def stack_folder(environment: Mapping[str, str]) -> Path:
    """Find the folder for state, logs and environment file of the checkout this package lies in."""
    return Path(environment.get(FOLDER_VARIABLE) or Path(__file__).resolve().parents[1] / ".devstack")


def cache_folder(environment: Mapping[str, str], account: Account) -> Path:
    """Find the cache of the person's (`XDG_CACHE_HOME` or `~/.cache`) or its stand-in; creates it.

    A stand-in for an explicit `XDG_CACHE_HOME` is its own, so that an empty cache folder means an empty
    cache.
    """
    explicit = environment.get("XDG_CACHE_HOME")
    wanted = Path(explicit or Path.home() / ".cache") / "aisle"
    if explicit and not account.can_reach(wanted):
        return _stand_in(SYSTEM_CACHE, wanted)
    folder = wanted if account.can_reach(wanted) else SYSTEM_CACHE
    _make_public(folder)
    return folder


def data_folder(stack_folder: Path, account: Account) -> Path:
    """Find where the servers of the stack with this folder keep their data; creates it."""
    local = stack_folder.absolute() / "data"
    if account.can_reach(local):
        _make_public(local)
        return local
    return _stand_in(SYSTEM_DATA, local)


def temporary_folder(account: Account) -> Path:
    """Create a folder for a stack that ends with its command; the caller drops it."""
    if not account.switched:
        return Path(tempfile.mkdtemp(prefix="aisle-run-"))
    _make_public(SYSTEM_DATA)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=SYSTEM_DATA))
    folder.chmod(PUBLIC_MODE)
    return folder


def _stand_in(place: Path, wanted: Path) -> Path:
    """Create the folder that takes the place of one the servers cannot reach, and note whose place that is.

    The stand-ins of folders that are gone go too: each holds a few hundred megabytes nobody would look for.
    """
    for note in place.glob(f"*/{NOTE}"):
        if not Path(note.read_text()).exists():
            shutil.rmtree(note.parent, ignore_errors=True)
    folder = place / f"for-{hashlib.sha256(os.fsencode(wanted)).hexdigest()[:16]}"
    _make_public(folder)
    (folder / NOTE).write_text(str(wanted.parent))
    return folder


def _make_public(folder: Path) -> None:
    """Create a folder and what leads to it so that others may enter, whatever the umask says."""
    missing = [step for step in (folder, *folder.parents) if not step.exists()]
    for step in reversed(missing):
        step.mkdir(exist_ok=True)
        step.chmod(PUBLIC_MODE)
