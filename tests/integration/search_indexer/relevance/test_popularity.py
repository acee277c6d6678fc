"""What popularity does to an order: nothing at 0, a bounded lift above, in searches and while browsing."""

from typing import Any

import pytest

from search_indexer.query.ladder import MOST_POPULAR_FACTOR, first_rung
from search_indexer.query.requests import SearchRequest
from tests.factories.product_snapshots import product_snapshot
from tests.integration.search_indexer.conftest import Install, Installation

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
async def held(install: Install) -> Installation:
    """Lamps that differ in popularity or in nothing, and shades that say the word once among others."""
    installation = await install()
    await installation.hold(
        [
            *(product_snapshot(each, title="Lamp") for each in range(1, 4)),
            *(product_snapshot(10 + level, title="Lamp", popularity=level) for level in range(10, 101, 10)),
            product_snapshot(200, title="Green paper shade for a lamp of glass", popularity=100),
        ]
    )
    return installation


async def scores(installation: Installation, query: dict[str, Any]) -> dict[int, float]:
    found = await installation.client.search(index=installation.indexes.names.reads, query=query, size=50)
    return {int(hit["_id"]): hit["_score"] for hit in found["hits"]["hits"]}


async def test_without_popularity_a_score_is_to_the_last_bit_what_it_was(held: Installation) -> None:
    query = first_rung("lamp").query
    function_score = dict(query["function_score"])
    function_score["functions"] = function_score["functions"][:-1]
    plain, lifted = await scores(held, {"function_score": function_score}), await scores(held, query)
    assert [lifted[each] for each in (1, 2, 3)] == [plain[each] for each in (1, 2, 3)]
    assert lifted[110] / plain[110] == pytest.approx(MOST_POPULAR_FACTOR)


async def test_the_popular_come_first_among_equals_and_never_before_a_better_match(held: Installation) -> None:
    answer = await held.reader.search(SearchRequest(q="lamp"))
    assert [hit.id for hit in answer.hits] == [*range(110, 19, -10), 1, 2, 3, 200]


async def test_browsing_shows_the_popular_first_and_then_goes_by_id(held: Installation) -> None:
    answer = await held.reader.search(SearchRequest())
    assert {answer.hits[0].id, answer.hits[1].id} == {110, 200}
    assert [hit.id for hit in answer.hits[-4:]] == [20, 1, 2, 3]
