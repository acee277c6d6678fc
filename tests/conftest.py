"""What every test may ask for: the environment of the real servers, and a database of its own.

`make test` starts the servers and exports their addresses. Each xdist worker gets a fresh database, index prefix
and topic prefix on them, so that workers do not see each other.
"""

import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pytest

from order_service.database.engine import Database, open_database
from schemas.environment import load
from schemas.settings import DatabaseSettings
from search_indexer.embedding_model.prepared_model import model_folder
from search_indexer.query.embedding import Model, load_model
from tests.factories.environments import fresh_environment

Loaded = TypeVar("Loaded")
SettingsOf = Callable[[type[Any]], Any]


@pytest.fixture(scope="session")
def environment() -> Iterator[Mapping[str, str]]:
    """The variables a process would be started with, on a fresh migrated database."""
    with fresh_environment() as variables:
        yield variables


@pytest.fixture(scope="session")
def settings_of(environment: Mapping[str, str]) -> SettingsOf:
    """Load any settings class from that environment."""

    def load_settings(settings_class: type[Any]) -> Any:
        return load(settings_class, environment)

    return load_settings


@pytest.fixture(scope="session")
async def database(settings_of: SettingsOf) -> AsyncIterator[Database]:
    """Both engines on the fresh database, as a process would open them."""
    opened = open_database(settings_of(DatabaseSettings))
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def model() -> Model:
    """The real model of sentence vectors; without it the test skips, or fails under CI."""
    prepared = load_model(model_folder(os.environ.get("MODEL_FOLDER", ""), os.environ))
    if prepared is None:
        reason = "needs the model of sentence vectors: run `aisle models prepare`"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return prepared


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder with the real catalogue; the test skips where it is absent."""
    folder = Path(os.environ.get("AISLE_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("the product data is not there: set AISLE_DATA to its folder")
    return folder
