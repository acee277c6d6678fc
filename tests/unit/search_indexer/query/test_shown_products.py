from collections.abc import Mapping, Sequence
from typing import Any

from search_indexer.query.query_builder import SHOWN, Body
from search_indexer.query.shown_products import FRESH_S, OVERHEAD, ShownProducts

PAGE: Body = {"query": "page", SHOWN: {"texts": ["lamp"]}}


class Index:
    """Products with their versions; answers pages with all of them and sources by id, and keeps what was asked."""

    def __init__(self, **versions: int) -> None:
        self.versions = {int(name.removeprefix("p")): version for name, version in versions.items()}
        self.gone: set[int] = set()
        self.asked: list[list[Body]] = []

    async def ask(self, bodies: Sequence[Body]) -> list[Mapping[str, Any]]:
        self.asked.append(list(bodies))
        return [self._answer(body) for body in bodies]

    def _answer(self, body: Body) -> dict[str, Any]:
        if body["query"] == "page":
            fields = [{"id": [each], "version": [version]} for each, version in self.versions.items()]
            return {"hits": {"hits": [{"fields": each, "sort": [1.0]} for each in fields]}}
        [_, named] = body["query"]["constant_score"]["filter"]["bool"]["filter"]
        ids = [each for each in named["terms"]["id"] if each not in self.gone]
        sources = [{"id": each, "version": self.versions[each], "title": f"Lamp {each}"} for each in ids]
        return {"hits": {"hits": [{"_source": source} for source in sources]}}

    def read(self) -> list[list[int]]:
        """The ids that were read, request by request."""
        filters = [
            body["query"]["constant_score"]["filter"]["bool"]["filter"]
            for bodies in self.asked
            for body in bodies
            if body["query"] != "page"
        ]
        return [named["terms"]["id"] for _, named in filters]


async def shown(products: ShownProducts, index: Index, body: Body = PAGE) -> list[tuple[str, int]]:
    [answer] = await products.ask(index.ask, [body])
    return [(hit["_source"]["title"], hit["_source"]["version"]) for hit in answer["hits"]["hits"]]


async def test_what_was_shown_once_is_not_read_again_and_its_words_are_marked() -> None:
    products, index = ShownProducts(), Index(p1=1, p2=1)
    assert await shown(products, index) == await shown(products, index) == [("Lamp 1", 1), ("Lamp 2", 1)]
    assert index.read() == [[1, 2]]
    [answer] = await products.ask(index.ask, [PAGE])
    assert next(hit["highlight"] for hit in answer["hits"]["hits"]) == {"title": ["<em>Lamp</em> 1"]}
    assert SHOWN not in index.asked[0][0]


async def test_a_product_that_changed_is_read_again_and_an_older_hit_shows_the_newer() -> None:
    products, index = ShownProducts(), Index(p1=1, p2=1)
    await shown(products, index)
    index.versions[2] = 2
    assert await shown(products, index) == [("Lamp 1", 1), ("Lamp 2", 2)]
    index.versions[2] = 1
    assert await shown(products, index) == [("Lamp 1", 1), ("Lamp 2", 2)]
    assert index.read() == [[1, 2], [2]]


async def test_a_product_that_is_gone_before_it_was_read_is_left_out() -> None:
    products, index = ShownProducts(), Index(p1=1, p2=1)
    index.gone = {1}
    assert await shown(products, index) == [("Lamp 2", 1)]


async def test_everything_is_read_again_after_a_while() -> None:
    now = [0.0]
    products, index = ShownProducts(clock=lambda: now[0]), Index(p1=1)
    await shown(products, index)
    now[0] = 1.1 * FRESH_S
    await shown(products, index)
    assert index.read() == [[1], [1]]


async def test_memory_is_bounded_and_a_page_larger_than_it_is_shown_whole() -> None:
    products, index = ShownProducts(most_bytes=2 * OVERHEAD), Index(p1=1, p2=1, p3=1)
    assert len(await shown(products, index)) == 3
    assert len(await shown(products, index)) == 3
    assert index.read() == [[1, 2, 3], [1]]


async def test_what_is_missing_is_read_in_the_point_in_time_of_the_hits() -> None:
    index = Index(p1=1)
    await shown(ShownProducts(), index, {**PAGE, "pit": {"id": "moment"}})
    assert index.asked[1][0]["pit"] == {"id": "moment"}


async def test_bodies_that_show_nothing_are_asked_as_they_are() -> None:
    index = Index(p1=1)
    body: Body = {"query": "page", "size": 0}
    await ShownProducts().ask(index.ask, [body])
    assert index.asked == [[body]]
