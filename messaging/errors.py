"""What can go wrong with messages, sorted by what is to be done about it; raised by handlers and here.

MessagingError
├── PublishFailed   not acknowledged; publish the same messages again later
├── RetryLater      a handler: nothing is wrong with the messages, try the same batch again later
├── Poison          a handler: these messages will never work, put them aside and go on
└── HandlerBroken   message after message failed in a way the handler did not foresee; the process must stop
"""

from collections.abc import Iterable
from typing import Self

from messaging.messages import IncomingMessage


class MessagingError(Exception):
    """Any failure this package knows."""


class PublishFailed(MessagingError):
    """At least one message of the call was not acknowledged; others may have arrived: publish all again."""


class RetryLater(MessagingError):
    """A handler's word for "the receiver is away": the same batch is tried again later, and never skipped.

    `after_s` is the least pause in seconds, when the receiver named one.
    """

    def __init__(self, reason: str, after_s: float = 0.0) -> None:
        self.reason = reason
        self.after_s = after_s
        super().__init__(reason)


class Poison(MessagingError):
    """A handler's word for messages that cannot be handled; `faults` pairs each of them with the reason.

    The effects of the other messages of the batch may have happened or not: they are handed over again.
    """

    def __init__(self, message: IncomingMessage, reason: str) -> None:
        self.faults: tuple[tuple[IncomingMessage, str], ...] = ((message, reason),)
        super().__init__(reason)

    @classmethod
    def several(cls, faults: Iterable[tuple[IncomingMessage, str]]) -> Self:
        """Name every faulty message of a batch at once; `faults` must not be empty."""
        found = tuple(faults)
        poison = cls(*found[0])
        poison.faults = found
        return poison


class HandlerBroken(MessagingError):
    """Unforeseen errors followed each other without one success; nothing more was skipped or committed."""
