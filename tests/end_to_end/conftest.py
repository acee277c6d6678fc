"""One shop of real processes for the whole session, and the mail catcher beside it."""

import os
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.factories.environments import fresh_environment
from tests.factories.http_client import HttpClient
from tests.factories.running_shop import RunningShop


@pytest.fixture(scope="module")
def environment() -> Iterator[Mapping[str, str]]:
    """An environment apart from the other tests': the shop's relay would publish what they leave for theirs."""
    with fresh_environment() as variables:
        yield variables


@pytest.fixture(scope="module")
def shop(environment: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    """A running shop on that database, index and topics."""
    running = RunningShop(environment, tmp_path_factory.mktemp("logs"))
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def mailbox() -> HttpClient:
    """What the mail catcher shows."""
    url = os.environ.get("MAILBOX_URL")
    if not url:
        if os.environ.get("CI"):
            pytest.fail("MAILBOX_URL is not set")
        pytest.skip("needs the mail catcher: run `make test`")
    return HttpClient(url)


@pytest.fixture(scope="module")
def store_id(shop: RunningShop) -> int:
    """A store of the shop."""
    return shop.new_store()


@pytest.fixture(scope="module")
def category(shop: RunningShop) -> Any:
    """A category of the shop."""
    return shop.new_category()
