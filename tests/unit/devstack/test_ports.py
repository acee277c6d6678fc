from pathlib import Path

import pytest

from devstack import ports
from devstack.failure import NoPortError
from devstack.ports import HIGHEST, LOWEST, PortLeases


@pytest.fixture(autouse=True)
def _every_port_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "is_free", lambda _: True)


def test_a_port_lies_below_those_of_outgoing_connections(tmp_path: Path) -> None:
    assert LOWEST <= PortLeases(tmp_path).take() < HIGHEST < 32768


def test_the_preferred_port_is_taken_when_it_is_free(tmp_path: Path) -> None:
    assert PortLeases(tmp_path).take(20_001) == 20_001


def test_another_port_is_taken_when_somebody_listens_on_the_preferred_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "is_free", lambda port: port != 20_001)
    assert PortLeases(tmp_path).take(20_001) != 20_001


def test_a_port_leased_by_another_stack_is_not_taken_although_nobody_listens_yet(tmp_path: Path) -> None:
    other = PortLeases(tmp_path)
    other.take(20_001)
    assert PortLeases(tmp_path).take(20_001) != 20_001
    other.release()
    assert PortLeases(tmp_path).take(20_001) == 20_001


def test_running_out_of_ports_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "is_free", lambda _: False)
    with pytest.raises(NoPortError):
        PortLeases(tmp_path).take()
