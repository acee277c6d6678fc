"""The consumer runtime: reads batches, has them handled and commits; run by `aisle consume`.

What a handler may expect and must keep to:

- It gets at least one message, in order per partition, and may get any message again: effects must be
  idempotent.
- It returns when every effect of the batch is permanent. Only then are the offsets committed.
- It raises RetryLater, Poison or anything else; `messaging.batch_handling` says what follows.
- It must not block the event loop: heartbeats share it, and a member that is silent for ten seconds is thrown
  out. One call may take up to five minutes, but what runs longer than twenty seconds when the group
  rebalances, or longer than six seconds when the process is asked to stop, is not committed and happens
  again.
"""

import asyncio
from collections.abc import Sequence

import structlog
from aiokafka.errors import KafkaError

from messaging.batch_handling import Handler
from messaging.dead_letters import to_dead_letter
from messaging.membership import ConsumerOptions, Membership
from messaging.messages import IncomingMessage
from messaging.publisher import Publisher
from messaging.waiting import Backoff, happened_within
from schemas.settings import KafkaSettings

__all__ = ["ConsumerOptions", "Handler", "run_consumer"]

BACKOFF = Backoff(first_s=0.2, cap_s=3.0)

log = structlog.get_logger(__name__)


async def run_consumer(  # noqa: PLR0913 - each argument is a collaborator or a name
    settings: KafkaSettings,
    *,
    group: str,
    topics: Sequence[str],
    handle: Handler,
    stop: asyncio.Event,
    options: ConsumerOptions = ConsumerOptions(),  # noqa: B008 - frozen
) -> None:
    """Consume as a member of `group` (without prefix) until `stop` is set; then leave within 10 s.

    Blocks for the life of the process. Waits with back-off while the broker is away, at the start or later.
    Commits the offsets of a batch after `handle` returned, or after its poison lies acknowledged in the
    dead-letter topic. Raises HandlerBroken, and nothing else on purpose.
    """
    failures = 0
    async with Publisher(settings) as publisher:

        async def put_aside(message: IncomingMessage, reason: str) -> None:
            await publisher.publish([to_dead_letter(message, reason, group)])

        while not stop.is_set():
            try:
                await Membership(settings, group, topics, options, stop).run(handle, put_aside)
            except (KafkaError, OSError) as error:
                failures += 1
                log.warning("kafka_away", doing="consume", group=group, error=repr(error), failures=failures)
                await happened_within(stop, BACKOFF.pause_s(failures))
