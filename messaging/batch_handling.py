"""What becomes of a batch whose handler fails: retried, split, put aside, given up; run by `membership`.

Nothing here knows Kafka: the dead-letter publisher and the handler are arguments.

    RetryLater         the same batch again after a back-off, for as long as it takes
    Poison             the named messages go to the dead letters after `poison_tries`, the rest goes on
    any other error    the same batch `unforeseen_tries` times, then its halves, down to the single message that
                       fails: it goes to the dead letters with the error as its reason, so that a bug in the
                       handling of one message neither stops the traffic nor disappears
    the same, ten messages in a row without one success
                       HandlerBroken: it is not the messages. The process stops, the rest stays uncommitted
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import structlog

from messaging.errors import HandlerBroken, Poison, PublishFailed, RetryLater
from messaging.messages import IncomingMessage
from messaging.waiting import Backoff, Stopped, happened_within

Handler = Callable[[Sequence[IncomingMessage]], Awaitable[None]]
PutAside = Callable[[IncomingMessage, str], Awaitable[None]]
Place = tuple[str, int, int]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a failing batch is tried before something else is done about it, and the pauses between."""

    poison_tries: int = 3
    unforeseen_tries: int = 4
    failures_in_a_row: int = 10
    backoff: Backoff = field(default_factory=Backoff)


class BatchHandling:
    """Carries batches through `handle`; `between_tries` is awaited before every pause, to stay a member."""

    def __init__(
        self,
        handle: Handler,
        put_aside: PutAside,
        patience: Patience,
        between_tries: Callable[[], Awaitable[None]],
    ) -> None:
        self._handle = handle
        self._put_aside = put_aside
        self._patience = patience
        self._between_tries = between_tries
        self._broken_in_a_row = 0

    async def run(self, batch: Sequence[IncomingMessage], drop: asyncio.Event) -> None:
        """Return once every message was handled or put aside: only then may the batch be committed.

        May wait for ever while the handler says RetryLater. Raises Stopped when `drop` is set during a pause
        (the process stops, or the partitions go to another member) and HandlerBroken.
        """
        await self._carry(batch, drop, self._patience.unforeseen_tries)

    async def _carry(self, batch: Sequence[IncomingMessage], drop: asyncio.Event, tries: int) -> None:
        rest: Sequence[IncomingMessage] = batch
        tried: dict[Place, int] = {}
        failures = unforeseen = 0
        while rest:
            least_s = 0.0
            try:
                await self._handle(rest)
            except RetryLater as wish:
                least_s = wish.after_s
                log.warning("batch_waits", reason=wish.reason, messages=len(rest), failures=failures + 1)
            except Poison as poison:
                rest = await self._without_poison(rest, poison, tried, drop)
            except Exception as error:  # noqa: BLE001 - anybody's code, and the rule for it is above
                unforeseen += 1
                log.warning("batch_failed", error=repr(error), messages=len(rest), tries=unforeseen)
                if unforeseen >= tries:
                    return await self._split(rest, error, drop)
            else:
                self._broken_in_a_row = 0
                return None
            failures += 1
            await self._pause(failures, least_s, drop)
        return None

    async def _pause(self, failures: int, least_s: float, drop: asyncio.Event) -> None:
        await self._between_tries()
        if await happened_within(drop, self._patience.backoff.pause_s(failures, least_s)):
            raise Stopped

    async def _without_poison(
        self,
        rest: Sequence[IncomingMessage],
        poison: Poison,
        tried: dict[Place, int],
        drop: asyncio.Event,
    ) -> Sequence[IncomingMessage]:
        spent: dict[Place, str] = {}
        if not {_place(message) for message, _ in poison.faults} & {_place(message) for message in rest}:
            raise HandlerBroken("the handler calls poison what was not in the batch") from poison
        for message, reason in poison.faults:
            place = _place(message)
            tried[place] = tried.get(place, 0) + 1
            if tried[place] >= self._patience.poison_tries:
                spent[place] = reason
        for message in rest:
            if _place(message) in spent:
                await self._bury(message, spent[_place(message)], drop)
        return [message for message in rest if _place(message) not in spent]

    async def _split(self, rest: Sequence[IncomingMessage], error: Exception, drop: asyncio.Event) -> None:
        if len(rest) > 1:
            middle = len(rest) // 2
            for half in (rest[:middle], rest[middle:]):
                await self._carry(half, drop, self._patience.unforeseen_tries if len(half) == 1 else 1)
            return
        if not self._broken_in_a_row:
            log.error("message_failed", exc_info=error)  # once a row: rendering a traceback is slow
        self._broken_in_a_row += 1
        if self._broken_in_a_row >= self._patience.failures_in_a_row:
            raise HandlerBroken(f"{self._broken_in_a_row} messages in a row; the last: {error!r}") from error
        await self._bury(rest[0], f"{type(error).__name__}: {error}", drop)

    async def _bury(self, message: IncomingMessage, reason: str, drop: asyncio.Event) -> None:
        """Put the message aside, however long the broker takes to acknowledge it."""
        failures = 0
        while True:
            try:
                await self._put_aside(message, reason)
            except PublishFailed as error:
                failures += 1
                log.warning("dead_letter_waits", error=str(error), failures=failures)
                await self._pause(failures, 0.0, drop)
            else:
                log.error(
                    "dead_letter",
                    topic=message.topic,
                    partition=message.partition,
                    offset=message.offset,
                    reason=reason,
                )
                return


def _place(message: IncomingMessage) -> Place:
    return message.topic, message.partition, message.offset
