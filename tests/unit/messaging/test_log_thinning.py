"""Which log lines pass."""

import logging

from messaging.log_thinning import OncePerPeriod


def record(name: str, message: str, *arguments: object) -> logging.LogRecord:
    return logging.LogRecord(name, logging.ERROR, "", 0, message, arguments, None)


def test_a_line_of_aiokafka_passes_once_whatever_its_arguments() -> None:
    thinned = OncePerPeriod(period_s=60)
    assert thinned.filter(record("aiokafka.client", "no node %s", 1))
    assert not thinned.filter(record("aiokafka.client", "no node %s", 2))
    assert thinned.filter(record("aiokafka.client", "another"))


def test_it_passes_again_after_the_period() -> None:
    thinned = OncePerPeriod(period_s=0)
    assert all(thinned.filter(record("aiokafka", "again")) for _ in range(3))


def test_lines_of_others_always_pass() -> None:
    thinned = OncePerPeriod(period_s=60)
    assert all(thinned.filter(record("messaging.consumer", "again")) for _ in range(3))
