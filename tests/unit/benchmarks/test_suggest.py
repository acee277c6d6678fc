import itertools
import random

from benchmarks.suggest import never_twice, typing

TITLES = ["Black HDMI cable, 2 m", "USB hub", "Wireless mouse and keyboard"]


def test_typing_repeats_as_shoppers_do_and_the_other_traffic_never() -> None:
    generator = random.Random(1)  # noqa: S311 - the same each time
    typed = list(itertools.islice(typing(TITLES, generator), 500))
    assert len(set(typed)) < len(typed)
    long = [" ".join(random.Random(each).sample("abcdefghij", 10)) for each in range(100)]  # noqa: S311 - likewise
    distinct = list(itertools.islice(never_twice(long, generator), 200))
    assert len(set(distinct)) == len(distinct)
