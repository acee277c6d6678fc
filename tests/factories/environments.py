"""An environment of its own on the real servers: database, index prefix and topic prefix that nobody else uses."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from tests.factories.fresh_database import SERVERS, process_environment


def server_addresses() -> dict[str, str]:
    """Give where `make test` started the servers; without them the test skips, or fails under CI."""
    missing = [name for name in SERVERS if not os.environ.get(name)]
    if missing:
        reason = f"needs the real servers ({', '.join(missing)} not set): run `make test`"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return {name: os.environ[name] for name in SERVERS}


@contextmanager
def fresh_environment() -> Iterator[Mapping[str, str]]:
    """Lend the variables a process would be started with, on a fresh migrated database that is dropped at the end."""
    with process_environment(server_addresses()) as variables:
        yield {**variables, "KAFKA_PARTITIONS": "3"}
