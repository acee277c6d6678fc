"""The system account that runs the servers: our own, or a service account when we are root.

Elasticsearch and Postgres refuse to run as root. Folders that account cannot enter (root's home, mostly)
are told apart here, because they decide where the cache and the data may live.
"""

import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from devstack.failure import DevstackError

SERVICE_ACCOUNT = "aisle-devstack"


@dataclass(frozen=True)
class Account:
    """Who runs the servers; `switched` when that is not who runs devstack."""

    uid: int
    gid: int
    switched: bool

    def own(self, path: Path) -> None:
        """Hand one file or folder over to it."""
        if self.switched:
            os.chown(path, self.uid, self.gid)

    def can_reach(self, path: Path) -> bool:
        """Whether it may enter this folder, judged by the permission bits of all that lead there.

        Of a folder that does not exist yet, its nearest existing parent is judged.
        """
        if not self.switched:
            return True
        existing = [parent for parent in (path.absolute(), *path.absolute().parents) if parent.exists()]
        return all(self._may_enter(folder) for folder in existing)

    def _may_enter(self, folder: Path) -> bool:
        status = folder.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)


def server_account() -> Account:
    """Name who runs the servers; as root, create the service account when it is absent."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switched=False)
    entry = _find(SERVICE_ACCOUNT) or _create(SERVICE_ACCOUNT)
    return Account(entry.pw_uid, entry.pw_gid, switched=True)


def _find(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _create(name: str) -> pwd.struct_passwd:
    command = [
        "useradd",
        "--system",
        "--user-group",
        "--no-create-home",
        "--shell",
        "/usr/sbin/nologin",
        name,
    ]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    entry = _find(name)  # asked even after a failure: another stack may have created it meanwhile
    if entry is None:
        raise DevstackError(f"The servers must not run as root, and creating {name} failed: {outcome.stderr.strip()}")
    return entry
