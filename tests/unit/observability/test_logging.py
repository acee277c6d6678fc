"""What logs show and what they hide."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from observability.logging import configure_logging, hide_secrets
from observability.request_ids import current_request_id


@pytest.fixture(autouse=True)
def _restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def test_a_production_line_is_json_with_process_and_request_id(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("relay", "production")
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        assert current_request_id() == "r1"
        structlog.get_logger().info("published", events=3)
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["process"], line["request_id"], line["events"]) == ("published", "relay", "r1", 3)


def test_lines_of_the_standard_library_look_alike(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("api", "production")
    logging.getLogger("somewhere").warning("careful")
    assert json.loads(capsys.readouterr().err)["event"] == "careful"


def test_development_lines_are_for_reading(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("api", "development")
    structlog.get_logger().info("ready", port=1)
    assert "ready" in capsys.readouterr().err


def test_values_that_sound_like_secrets_are_hidden() -> None:
    event = hide_secrets(None, "info", {"password": "p", "Authorization": "a", "refresh_token": "t", "user": "u"})
    assert event == {"password": "[hidden]", "Authorization": "[hidden]", "refresh_token": "[hidden]", "user": "u"}


def test_outside_a_request_there_is_no_request_id() -> None:
    assert current_request_id() is None
