"""Group commit without a database: what is taken together, what waits, and who is told of a failure."""

import asyncio
from collections.abc import Sequence

import pytest

from order_service.errors import Unavailable
from order_service.stock.batcher import FIRST_GUESS_S, LONGEST_WAIT_S, Batcher


class Work:
    """Answers each item with its double, once the gate is open; remembers the batches."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.poison: dict[int, Exception] = {}

    async def __call__(self, items: Sequence[int]) -> list[int]:
        self.batches.append(list(items))
        await self.gate.wait()
        for each in items:
            if each in self.poison:
                raise self.poison[each]
        return [2 * each for each in items]


async def submitted(batcher: Batcher[int, int], *items: int) -> list[asyncio.Task[int]]:
    """Submit the items in order, and let them queue."""
    tasks = [asyncio.create_task(batcher.submit(each)) for each in items]
    await asyncio.sleep(0)
    return tasks


async def test_a_lone_item_is_worked_on_at_once() -> None:
    work = Work()
    batcher: Batcher[int, int] = Batcher(work)
    assert await batcher.submit(21) == 42
    assert work.batches == [[21]]


async def test_what_waits_while_the_worker_is_busy_goes_into_the_next_batch_together() -> None:
    work = Work()
    work.gate.clear()
    batcher: Batcher[int, int] = Batcher(work, workers=1)
    first = await submitted(batcher, 1)
    await asyncio.sleep(0)
    others = await submitted(batcher, 2, 3, 4)
    assert batcher.waiting == 3
    work.gate.set()
    assert await asyncio.gather(*first, *others) == [2, 4, 6, 8]
    assert work.batches == [[1], [2, 3, 4]]


async def test_a_batch_holds_no_more_than_allowed() -> None:
    work = Work()
    work.gate.clear()
    batcher: Batcher[int, int] = Batcher(work, workers=1, most=2)
    tasks = await submitted(batcher, 1, 2, 3, 4, 5)
    work.gate.set()
    assert await asyncio.gather(*tasks) == [2, 4, 6, 8, 10]
    assert max(map(len, work.batches)) == 2


async def test_two_items_with_one_key_are_never_worked_on_at_the_same_time() -> None:
    work = Work()
    work.gate.clear()
    batcher: Batcher[int, int] = Batcher(work, lambda item: item % 10, workers=2)
    tasks = await submitted(batcher, 1, 11, 2, 21)
    await asyncio.sleep(0)
    assert sorted(each for batch in work.batches for each in batch) == [1, 2]
    work.gate.set()
    assert await asyncio.gather(*tasks) == [2, 22, 4, 42]
    assert all(len({each % 10 for each in batch}) == len(batch) for batch in work.batches)


async def test_only_the_item_at_fault_fails() -> None:
    work = Work()
    work.poison[5] = ValueError("five")
    work.gate.clear()
    batcher: Batcher[int, int] = Batcher(work, workers=1)
    tasks = await submitted(batcher, 1)
    tasks += await submitted(batcher, *range(2, 10))
    work.gate.set()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [each for each in outcomes if isinstance(each, int)] == [2, 4, 6, 8, 12, 14, 16, 18]
    assert isinstance(outcomes[4], ValueError)


async def test_an_error_that_concerns_all_is_told_to_all_without_trying_halves() -> None:
    work = Work()
    work.poison[1] = Unavailable()
    batcher: Batcher[int, int] = Batcher(work, concerns_all=lambda error: isinstance(error, Unavailable), workers=1)
    tasks = await submitted(batcher, 1, 2, 3)
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert len(work.batches) == 1
    assert all(isinstance(each, Unavailable) for each in outcomes)


async def test_a_batch_answered_with_too_few_results_is_an_error_and_not_a_caller_who_waits_forever() -> None:
    async def forgetful(_: Sequence[int]) -> list[int]:
        return []

    batcher: Batcher[int, int] = Batcher(forgetful)
    with pytest.raises(ValueError, match="zip"):
        await batcher.submit(1)


async def test_a_caller_who_leaves_while_waiting_is_left_out() -> None:
    work = Work()
    work.gate.clear()
    batcher: Batcher[int, int] = Batcher(work, workers=1)
    tasks = await submitted(batcher, 1)
    leaving, staying = await submitted(batcher, 2, 3)
    leaving.cancel()
    work.gate.set()
    assert await asyncio.gather(*tasks, staying) == [2, 6]
    assert work.batches == [[1], [3]]


async def test_a_caller_who_leaves_during_the_work_does_not_stop_it() -> None:
    work = Work()
    work.gate.clear()
    batcher: Batcher[int, int] = Batcher(work, workers=1)
    leaving, staying = await submitted(batcher, 1, 2)
    await asyncio.sleep(0)
    leaving.cancel()
    work.gate.set()
    assert await staying == 4


async def test_a_queue_longer_than_can_be_served_in_time_turns_callers_away_at_once() -> None:
    work = Work()
    work.gate.clear()
    batcher: Batcher[int, int] = Batcher(work, workers=1, most=1)
    fitting = int(LONGEST_WAIT_S / FIRST_GUESS_S) + 1
    tasks = await submitted(batcher, *range(fitting))
    with pytest.raises(Unavailable) as refused:
        await batcher.submit(-1)
    assert refused.value.retry_after >= LONGEST_WAIT_S
    work.gate.set()
    assert len(await asyncio.gather(*tasks)) == fitting


async def test_closing_waits_for_everything_that_was_submitted() -> None:
    work = Work()
    work.gate.clear()
    batcher: Batcher[int, int] = Batcher(work, workers=1)
    tasks = await submitted(batcher, 1, 2)
    closing = asyncio.create_task(batcher.close())
    work.gate.set()
    await closing
    assert all(task.done() for task in tasks) or await asyncio.gather(*tasks) == [2, 4]
