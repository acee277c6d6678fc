"""When the lag is measured and when it is told, with a clock and measurements of the test's own."""

import asyncio

import pytest

from search_indexer.query.index_lag import FORGOTTEN_S, IndexLag


class Measured(IndexLag):
    """Measures what the test says, and takes as long as it says."""

    def __init__(self) -> None:
        self.now, self.takes_s, self.measurements = 0.0, 0.0, 0
        self.result: int | Exception = 7
        super().__init__(None, None, lambda: self.now)  # type: ignore[arg-type] # `measure` is the only user

    async def measure(self) -> int:
        self.measurements += 1
        self.now += self.takes_s
        if isinstance(self.result, Exception):
            raise self.result
        return self.result

    async def told(self) -> int | None:
        """Ask, let the measurement run, and ask again."""
        self.current_ms()
        await asyncio.sleep(0)
        return self.current_ms()


@pytest.fixture
def lag() -> Measured:
    return Measured()


async def test_nothing_is_told_before_the_first_measurement(lag: Measured) -> None:
    assert lag.current_ms() is None
    assert await lag.told() == 7


async def test_it_is_measured_once_a_second_however_often_it_is_asked_for(lag: Measured) -> None:
    assert [await lag.told() for _ in range(5)] == [7] * 5
    assert lag.measurements == 1
    lag.now, lag.result = 1.0, 8
    assert await lag.told() == 8
    assert lag.measurements == 2


async def test_a_slow_measurement_is_made_more_seldom(lag: Measured) -> None:
    lag.takes_s = 0.5
    await lag.told()
    lag.now = 49.0
    assert await lag.told() == 7
    assert lag.measurements == 1
    lag.now = 50.0
    await lag.told()
    assert lag.measurements == 2


async def test_an_old_measurement_is_not_told(lag: Measured) -> None:
    await lag.told()
    lag.result = OSError("away")
    lag.now = FORGOTTEN_S
    assert await lag.told() == 7
    lag.now = FORGOTTEN_S + 1.0
    assert await lag.told() is None
    await lag.close()
