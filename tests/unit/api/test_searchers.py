from datetime import date

from api.searchers import Searchers

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


def test_a_searcher_is_the_same_for_a_day_in_every_process_and_unknown_the_next() -> None:
    one, other = Searchers("secret"), Searchers("secret")
    assert one.digest("ip:10.0.0.1", MONDAY) == other.digest("ip:10.0.0.1", MONDAY)
    assert one.digest("ip:10.0.0.1", MONDAY) != one.digest("ip:10.0.0.1", TUESDAY)
    assert one.digest("ip:10.0.0.1", MONDAY) == other.digest("ip:10.0.0.1", MONDAY)


def test_searchers_are_told_apart() -> None:
    searchers = Searchers("secret")
    assert len({searchers.digest(f"ip:10.0.{each // 256}.{each % 256}", MONDAY) for each in range(2_000)}) == 2_000


def test_without_the_secret_nobody_makes_the_same_digest() -> None:
    assert Searchers("secret").digest("user:1", MONDAY) != Searchers("another").digest("user:1", MONDAY)
