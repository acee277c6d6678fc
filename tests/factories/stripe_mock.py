"""Runs Stripe's official mock server for a test session."""

import hashlib
import hmac
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from devstack.failure import DevstackError
from devstack.stripe_mock import stripe_mock
from tests.factories.processes import eventually, free_port


@contextmanager
def running_stripe_mock() -> Iterator[str]:
    """Lend its address; where it cannot be had the test skips, or fails under CI."""
    try:
        program = stripe_mock()
    except DevstackError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
    port = free_port()
    process = subprocess.Popen(  # noqa: S603 - the program that was just built
        [program, "-http-addr", f"127.0.0.1:{port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        eventually(lambda: _answers(f"http://127.0.0.1:{port}"))
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=2):  # noqa: S310 - our own process
            return True
    except URLError as error:
        return hasattr(error, "code")  # an error of HTTP is an answer


def stripe_signature(body: bytes, secret: str) -> dict[str, str]:
    """Sign a webhook as Stripe does, now."""
    moment = str(int(time.time()))
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={moment},v1={digest}"}
