"""Aisle's own processes: the commands that prepare a stack, those that run, and the environment they get.

Everything here is a value; `devstack.supervisor` starts the processes.
"""

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

STAFF_EMAIL = "staff@example.com"
STAFF_NAME = "staff"
PASSWORD_VARIABLE = "AISLE_PASSWORD"  # noqa: S105 (a variable's name)
COMMAND_VARIABLE = "DEVSTACK_AISLE_COMMAND"
"""Names another program to run as `aisle`."""

RAISED_LIMITS = (
    "RATE_AUTH",
    "RATE_ORDERS",
    "RATE_CART",
    "RATE_CART_WRITE",
    "RATE_CATALOG",
    "RATE_CATALOG_ADMIN_WRITE",
    "RATE_ANON",
    "RATE_USER",
)
"""Raised by `ACCEPTANCE=1`; the limit on suggestions is itself under test and stays."""
RAISED_LIMIT = "100000/min"


@dataclass(frozen=True)
class Command:
    """One call of `aisle`; its name is that of its log."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    """What it needs beside the environment all commands get."""


@dataclass(frozen=True)
class ApplicationPorts:
    """Where the API listens, and where it shows its metrics."""

    api: int
    metrics: int


def processes(ports: ApplicationPorts) -> tuple[Command, ...]:
    """List the processes that run for as long as the stack does; the API is the first."""
    return (
        Command("api", ("serve", "--port", str(ports.api)), {"METRICS_PORT": str(ports.metrics)}),
        Command("relay", ("relay",)),
        Command("index-consumer", ("consume", "index")),
        Command("notification-consumer", ("consume", "notifications")),
        Command("jobs", ("jobs",)),
    )


MODEL_PREPARATION = Command("models", ("models", "prepare"))
"""Makes the model of sentence vectors ready where the processes of this account look for it. It may fail: without it
searches go by words alone."""

INDEX_PREPARATION = (Command("reindex", ("reindex", "--if-missing")),)
"""What the search index needs, once the database is prepared."""


def database_preparation(*, seed: bool) -> tuple[Command, ...]:
    """List the commands that need Postgres alone; each is safe to repeat, and they run in this order."""
    who = ("--role", "staff", "--email", STAFF_EMAIL, "--username", STAFF_NAME)
    staff = ("users", "create", *who, "--password-env", PASSWORD_VARIABLE, "--exists-ok")
    return (
        Command("migrate", ("migrate",)),
        *((Command("seed", ("seed",)),) if seed else ()),
        Command("staff", staff),
    )


def wants_seed(environment: Mapping[str, str]) -> bool:
    """Whether the seed catalogue is loaded: unless `SEED=0`."""
    return environment.get("SEED", "1") != "0"


def aisle_program(environment: Mapping[str, str]) -> str:
    """Find `aisle`: beside the interpreter that runs us, else on `PATH`."""
    beside = Path(sys.executable).parent / "aisle"
    chosen = environment.get(COMMAND_VARIABLE)
    return chosen or (str(beside) if beside.exists() else shutil.which("aisle") or str(beside))


def process_environment(
    inherited: Mapping[str, str],
    servers: Mapping[str, str],
    secret_key: str,
    staff_password: str,
) -> dict[str, str]:
    """Build the environment of every `aisle` command."""
    limits = dict.fromkeys(RAISED_LIMITS, RAISED_LIMIT) if inherited.get("ACCEPTANCE") == "1" else {}
    return {
        **inherited,
        **limits,
        **servers,
        "AISLE_ENV": "development",
        "AISLE_SECRET_KEY": secret_key,
        "MAIL_FROM": "shop@example.com",
        PASSWORD_VARIABLE: staff_password,
    }


def exported(servers: Mapping[str, str], ports: ApplicationPorts, staff_password: str) -> dict[str, str]:
    """Name what people and scripts need to reach a running stack (`.devstack/env`)."""
    return {
        "API_URL": f"http://127.0.0.1:{ports.api}",
        **servers,
        "STAFF_EMAIL": STAFF_EMAIL,
        "STAFF_PASSWORD": staff_password,
        "MAILBOX_URL": servers.get("MAILBOX_URL", ""),
        "METRICS_URL": f"http://127.0.0.1:{ports.metrics}/metrics",
    }
