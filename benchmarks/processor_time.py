"""Says how busy the processors are with other things; `benchmarks.__main__` asks before each benchmark."""

import time
from collections.abc import Sequence
from pathlib import Path

STAT = Path("/proc/stat")
IDLE, WAITING = 3, 4
LAST = 8
"""The columns after it count guests, which are part of the first ones already."""


def busy_share(seconds: float) -> float:
    """Watch for so long and give the share, 0 to 1, of all processors' time that was spent on something."""
    before = processor_ticks(STAT.read_text())
    time.sleep(seconds)
    return share_between(before, processor_ticks(STAT.read_text()))


def processor_ticks(stat: str) -> list[int]:
    """Read the first line of /proc/stat (proc_stat(5)): ticks of all processors by what they did since the start."""
    return [int(part) for part in stat.partition("\n")[0].split()[1 : LAST + 1]]


def share_between(before: Sequence[int], after: Sequence[int]) -> float:
    """Give the share of the ticks between two readings that were neither idle nor waiting for a disk."""
    spent = [later - earlier for earlier, later in zip(before, after, strict=True)]
    return 1 - (spent[IDLE] + spent[WAITING]) / max(sum(spent), 1)
