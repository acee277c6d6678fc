from pathlib import Path

from devstack.offers import offered_servers
from devstack.state import StateFile

URL = "postgresql://somebody:else@db.example.com/shop"


def test_a_server_named_by_the_environment_is_an_offer(tmp_path: Path) -> None:
    offered = offered_servers({"DATABASE_URL": URL, "REDIS_URL": "", "HOME": "/root"}, tmp_path)
    assert offered == {"DATABASE_URL": URL}


def test_the_address_of_this_checkouts_own_stack_is_no_offer(tmp_path: Path) -> None:
    StateFile(tmp_path).change(lambda state: state.addresses.update({"DATABASE_URL": URL}))
    assert offered_servers({"DATABASE_URL": URL}, tmp_path) == {}


def test_a_mail_server_brings_the_page_that_shows_its_mail(tmp_path: Path) -> None:
    environment = {"SMTP_URL": "smtp://mail:25", "MAILBOX_URL": "http://mail"}
    assert offered_servers(environment, tmp_path) == environment
    assert offered_servers({"MAILBOX_URL": "http://mail"}, tmp_path) == {}
