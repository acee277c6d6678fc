"""The words handlers use."""

from messaging.errors import Poison
from tests.factories.events import plain_message


def test_poison_names_every_message_with_its_reason() -> None:
    first, second = plain_message(1), plain_message(2)
    poison = Poison.several([(first, "one"), (second, "two")])
    assert poison.faults == ((first, "one"), (second, "two"))
    assert str(poison) == "one"
