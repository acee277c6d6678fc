"""What an account may be called and which passwords are too weak."""

import pytest

from order_service.accounts.create_user import NewAccount, account_faults, is_email, password_faults


def test_every_faulty_field_is_named_at_once() -> None:
    faults = account_faults(NewAccount("x", "nowhere", "short"))
    assert [fault.field for fault in faults] == ["username", "email", "password"]


@pytest.mark.parametrize("address", ["a@example.com", "first.last+tag@sub.example.co", "o'brien@example.org"])
def test_usual_addresses_are_taken(address: str) -> None:
    assert is_email(address)


@pytest.mark.parametrize(
    "address",
    ["", "a", "@example.com", "a@", "a@example", "a b@example.com", "a@exa mple.com", "a@-x.com", "a\n@example.com",
     "a@example.com\n", "<a@example.com>", "a" * 65 + "@example.com", "a@" + "x" * 250 + ".com"],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    assert not is_email(address)


@pytest.mark.parametrize(
    "password",
    ["short", "password", "PassWord123", "12345678901", "aaaaaaaaaa", "somebody", "somebody@example.com", "x" * 257],
)
def test_weak_passwords_are_refused(password: str) -> None:
    assert password_faults(password, "somebody", "somebody@example.com")


def test_a_long_phrase_is_a_good_password() -> None:
    assert password_faults("correct horse battery staple", "somebody", "somebody@example.com") == []
