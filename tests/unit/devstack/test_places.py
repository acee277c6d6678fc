from pathlib import Path

import pytest

from devstack import places
from devstack.account import Account
from devstack.places import cache_folder, data_folder, temporary_folder

OURSELVES = Account(uid=1000, gid=1000, switched=False)


class Confined(Account):
    """A service account that reaches nothing but what lies under `/var` (here: the test's folder of that name)."""

    def can_reach(self, path: Path) -> bool:
        return "var" in path.parts[-3:]


SERVICE = Confined(uid=990, gid=990, switched=True)


@pytest.fixture(autouse=True)
def _system_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "SYSTEM_CACHE", tmp_path / "var/cache")
    monkeypatch.setattr(places, "SYSTEM_DATA", tmp_path / "var/lib")


def test_the_cache_is_the_persons_own(tmp_path: Path) -> None:
    assert cache_folder({"XDG_CACHE_HOME": str(tmp_path / "own")}, OURSELVES) == tmp_path / "own/aisle"


def test_a_cache_the_servers_cannot_read_is_replaced_by_one_they_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "root")
    assert cache_folder({}, SERVICE) == tmp_path / "var/cache"


def test_an_empty_cache_folder_means_an_empty_stand_in(tmp_path: Path) -> None:
    folders = [cache_folder({"XDG_CACHE_HOME": str(tmp_path / name)}, SERVICE) for name in ("one", "two")]
    assert folders[0] != folders[1]
    assert all(folder.parent == tmp_path / "var/cache" for folder in folders)


def test_the_stand_in_of_a_removed_cache_folder_is_removed(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    first = cache_folder({"XDG_CACHE_HOME": str(tmp_path / "one")}, SERVICE)
    (tmp_path / "one").rmdir()
    cache_folder({"XDG_CACHE_HOME": str(tmp_path / "two")}, SERVICE)
    assert not first.exists()


def test_two_checkouts_have_data_of_their_own(tmp_path: Path) -> None:
    assert data_folder(tmp_path / "a", OURSELVES) == tmp_path / "a/data"
    assert data_folder(tmp_path / "a", SERVICE) != data_folder(tmp_path / "b", SERVICE)
    assert data_folder(tmp_path / "a", SERVICE) == data_folder(tmp_path / "a", SERVICE)


def test_a_temporary_folder_can_be_entered_by_the_servers(tmp_path: Path) -> None:
    folder = temporary_folder(SERVICE)
    assert folder.parent == tmp_path / "var/lib"
    assert folder.stat().st_mode & 0o001


def test_an_account_is_kept_out_by_one_closed_parent(tmp_path: Path) -> None:
    stranger = Account(uid=54321, gid=54321, switched=True)
    closed = tmp_path / "closed"
    (closed / "open").mkdir(parents=True)
    closed.chmod(0o700)
    assert not stranger.can_reach(closed / "open/not yet there")
