"""What a dead letter carries."""

from messaging.dead_letters import LONGEST_REASON, to_dead_letter
from tests.factories.events import plain_message


def test_a_dead_letter_is_the_message_with_its_reason_and_origin() -> None:
    letter = to_dead_letter(plain_message(42, key=b"order", value=b"{}", partition=3), "bad JSON", "notifications")
    assert (letter.topic, letter.key, letter.value) == ("dead-letter.v1", b"order", b"{}")
    assert letter.headers == {
        "ce_id": "id-42",
        "dead_letter_reason": "bad JSON",
        "dead_letter_group": "notifications",
        "dead_letter_topic": "order.v1",
        "dead_letter_partition": "3",
        "dead_letter_offset": "42",
    }


def test_a_tombstone_stays_one() -> None:
    assert to_dead_letter(plain_message(1, value=None), "why", "g").value is None


def test_a_long_reason_is_cut() -> None:
    assert len(to_dead_letter(plain_message(1), "x" * 100_000, "g").headers["dead_letter_reason"]) == LONGEST_REASON
