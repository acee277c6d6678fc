from collections.abc import Sequence

from api.facet_names import FRESH_S, MOST_KEPT, KeptNames


class Shelf:
    """Names that can be changed, and what was asked for."""

    def __init__(self) -> None:
        self.names = {"cables": "Cables", "ink": "Ink"}
        self.asked: list[list[str]] = []
        self.now = 0.0
        self.kept = KeptNames[str](self.read, lambda: self.now)

    async def read(self, slugs: Sequence[str]) -> dict[str, str]:
        self.asked.append(list(slugs))
        return {slug: self.names[slug] for slug in slugs if slug in self.names}


async def test_a_name_is_read_once_while_it_is_fresh_and_so_is_that_there_is_none() -> None:
    shelf = Shelf()
    assert await shelf.kept.of(["cables", "nowhere"]) == {"cables": "Cables"}
    assert await shelf.kept.of(["nowhere", "cables", "ink"]) == {"cables": "Cables", "ink": "Ink"}
    assert shelf.asked == [["cables", "nowhere"], ["ink"]]


async def test_a_changed_name_is_told_once_the_kept_one_is_old() -> None:
    shelf = Shelf()
    await shelf.kept.of(["ink"])
    shelf.names["ink"] = "Toner"
    assert await shelf.kept.of(["ink"]) == {"ink": "Ink"}
    shelf.now = 1.1 * FRESH_S
    assert await shelf.kept.of(["ink"]) == {"ink": "Toner"}


async def test_names_do_not_pile_up() -> None:
    shelf = Shelf()
    await shelf.kept.of([str(number) for number in range(MOST_KEPT + 1)])
    assert await shelf.kept.of(["ink", "0"]) == {"ink": "Ink"}
    assert shelf.asked[-1] == ["ink", "0"]
