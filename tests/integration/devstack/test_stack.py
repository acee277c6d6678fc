import json
import smtplib
import urllib.request
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from devstack.failure import ServerError, StackRunningError
from devstack.server import Server
from devstack.servers.recipe import Recipe, Site
from devstack.servers.valkey import Valkey
from devstack.stack import Stack

pytestmark = pytest.mark.servers

CHEAP = ("postgres", "valkey", "mailbox")
MakeStack = Callable[..., Stack]


@pytest.fixture
def make_stack(tmp_path: Path) -> Iterator[MakeStack]:
    made: list[Stack] = []

    def make(name: str, servers: tuple[str, ...] = CHEAP) -> Stack:
        made.append(Stack(tmp_path / name, servers))
        return made[-1]

    yield make
    for stack in made:
        stack.stop()
        stack.drop()


def execute(stack: Stack, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(stack.environment()["DATABASE_URL"], autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def ports(stack: Stack) -> set[int]:
    return set(stack.state.read().ports.values())


def test_two_stacks_beside_each_other_share_neither_ports_nor_data(make_stack: MakeStack) -> None:
    with make_stack("one") as one, make_stack("two") as two:
        assert ports(one).isdisjoint(ports(two))
        execute(one, "create table only_here ()")
        assert execute(two, "select to_regclass('only_here')") == [(None,)]


def test_a_killed_server_comes_back_with_its_port_and_its_data(make_stack: MakeStack) -> None:
    with make_stack("one", ("postgres",)) as stack:
        before = stack.environment()
        execute(stack, "create table orders as select 17 as id")
        stack["postgres"].kill()
        assert not stack["postgres"].is_running()
        stack["postgres"].start()
        assert stack.environment() == before
        assert execute(stack, "select id from orders") == [(17,)]


def test_data_and_ports_survive_stopping_the_stack(make_stack: MakeStack) -> None:
    with make_stack("one", ("postgres",)) as stack:
        before = stack.environment()
        execute(stack, "create table orders as select 17 as id")
    with make_stack("one", ("postgres",)) as stack:
        assert stack.environment() == before
        assert execute(stack, "select id from orders") == [(17,)]


def test_the_folder_of_a_running_stack_is_refused_to_a_second(make_stack: MakeStack) -> None:
    with make_stack("one", ("valkey",)) as stack:
        with pytest.raises(StackRunningError):
            make_stack("one", ("valkey",)).start()
        assert stack["valkey"].is_ready()


def test_a_server_that_does_not_start_is_named_with_its_log_and_nothing_is_left(
    make_stack: MakeStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Server] = []
    original = Server.spawn

    def spawn(server: Server) -> None:
        started.append(server)
        original(server)

    def set_up(_: Recipe, site: Site) -> None:
        (site.subfolder("data") / "dump.rdb").write_bytes(b"this is no snapshot")

    monkeypatch.setattr(Server, "spawn", spawn)
    monkeypatch.setattr(Valkey, "set_up", set_up)
    with pytest.raises(ServerError) as failure:
        make_stack("one").start()
    assert str(failure.value).startswith("valkey ended before it was ready. The end of ")
    assert "valkey.log" in str(failure.value)
    assert not any(server.is_running() for server in started)


def test_a_mail_sent_is_found_in_the_mailbox(make_stack: MakeStack) -> None:
    with make_stack("one", ("mailbox",)) as stack:
        address = urlsplit(stack.environment()["SMTP_URL"])
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "shop@example.com", "ann@example.com", "Your order"
        mail.set_content("Thank you.")
        with smtplib.SMTP(address.hostname or "", address.port or 0) as smtp:
            smtp.send_message(mail)
        with urllib.request.urlopen(f"{stack.environment()['MAILBOX_URL']}/messages") as answer:  # noqa: S310 (http)
            [shown] = json.load(answer)
        assert (shown["to"], shown["subject"], shown["text"]) == (["ann@example.com"], "Your order", "Thank you.\n")
