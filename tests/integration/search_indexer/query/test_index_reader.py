"""The search reader against the real server."""

import asyncio
import time
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.search_settings import SearchSettings
from search_indexer.errors import SearchRefused, SearchUnavailable
from search_indexer.index.product_document import product_document
from search_indexer.query.index_reader import SearchReader
from search_indexer.query.requests import SearchRequest, Sort
from tests.factories.product_snapshots import product_snapshot
from tests.integration.search_indexer.conftest import Install, Installation

pytestmark = pytest.mark.servers


@pytest.fixture(scope="session")
async def cables(install: Install) -> Installation:
    installation = await install()
    await installation.hold(
        [
            product_snapshot(1, title="HDMI cable 2 m", brand="HP", price_minor=900, in_stock_store_ids=[1]),
            product_snapshot(2, title="USB cable", brand="Dell", price_minor=500, mpn="SA1-VBE04RW/17"),
            product_snapshot(3, title="Ångström lamp", description="An <b>odd</b> cable lamp", gtin="0882780756328"),
            product_snapshot(4, title="HDMI cable 2 m", brand="HP", price_minor=900, deleted=True, version=2),
            product_snapshot(5, title="Velvoria1234 lantern", brand="Glow", price_minor=700),
            product_snapshot(6, title="Velvet lantern", brand="Glow", price_minor=800, in_stock_store_ids=[7]),
        ]
    )
    return installation


async def ids(installation: Installation, q: str, sort: Sort = "relevance") -> list[int]:
    answer = await installation.reader.search(SearchRequest(q=q, sort=sort))
    assert answer.count == len(answer.hits)
    return [hit.id for hit in answer.hits]


async def test_deleted_products_are_never_found(cables: Installation) -> None:
    assert await ids(cables, "") == [1, 2, 3, 5, 6]


async def test_all_words_may_stand_in_different_fields(cables: Installation) -> None:
    answer = await cables.reader.search(SearchRequest(q="hp hdmi cables"))
    assert [hit.id for hit in answer.hits] == [1]
    assert (answer.answered_by, answer.did_you_mean) == ("all_words", None)


async def test_a_misspelt_word_finds_what_was_meant_and_says_so(cables: Installation) -> None:
    answer = await cables.reader.search(SearchRequest(q="lantren"))
    assert {hit.id for hit in answer.hits} == {5, 6}
    assert (answer.answered_by, answer.did_you_mean) == ("fuzzy", "lantern")


async def test_three_words_of_four_are_enough_when_no_product_has_all(cables: Installation) -> None:
    answer = await cables.reader.search(SearchRequest(q="usb dell cable zzzqqq"))
    assert (answer.answered_by, [hit.id for hit in answer.hits]) == ("most_words", [2])


async def test_a_word_far_off_is_found_by_the_letters_it_shares(cables: Installation) -> None:
    answer = await cables.reader.search(SearchRequest(q="lanternarium"))
    assert (answer.answered_by, {hit.id for hit in answer.hits}) == ("fuzzy", {5, 6})


async def test_a_misspelt_word_among_others_is_searched_as_it_was_meant(cables: Installation) -> None:
    answer = await cables.reader.search(SearchRequest(q="dell cabel"))
    assert (answer.answered_by, answer.did_you_mean) == ("fuzzy", "dell cable")
    assert [hit.id for hit in answer.hits] == [2]


async def test_two_words_may_be_written_as_one(cables: Installation) -> None:
    answer = await cables.reader.search(SearchRequest(q="velvet lan tern"))
    assert (answer.answered_by, [hit.id for hit in answer.hits]) == ("all_words", [6])


@pytest.fixture(scope="session")
async def gaming(install: Install) -> Installation:
    titles = ["gaming laptop"] * 2 + ["gaming mouse"] * 6 + ["laptop bag"] * 6 + ["desk lamp"] * 2
    installation = await install()
    await installation.hold(product_snapshot(number, title=title) for number, title in enumerate(titles, start=1))
    return installation


async def test_few_answers_are_followed_by_what_lacks_a_word(gaming: Installation) -> None:
    answer = await gaming.reader.search(SearchRequest(q="gaming laptop"))
    assert (answer.answered_by, answer.count) == ("most_words", 14)
    assert [hit.id for hit in answer.hits][:2] == [1, 2]
    only = await gaming.reader.search(SearchRequest(q="gaming laptop", price_min_minor=2_000))
    assert (only.answered_by, only.count) == ("most_words", 0)


async def test_a_widened_answer_is_walked_to_its_end(gaming: Installation) -> None:
    now, wanted = datetime.now(UTC), SearchRequest(q="gaming laptop", page_size=1)
    answer = await gaming.reader.search(wanted)
    cursor, seen = await gaming.reader.cursor_after(wanted, answer, now), [hit.id for hit in answer.hits]
    while cursor is not None:
        answer, cursor = await gaming.reader.go_on(wanted, cursor)
        seen += [hit.id for hit in answer.hits]
    assert sorted(seen) == list(range(1, 15))


async def test_nothing_is_found_for_nonsense(cables: Installation) -> None:
    answer = await cables.reader.search(SearchRequest(q="qqqqzzzz", facets=("brand",)))
    assert (answer.answered_by, answer.count, answer.facets[0].values) == ("none", 0, [])


async def test_filters_do_not_change_which_rung_answers(cables: Installation) -> None:
    answer = await cables.reader.search(SearchRequest(q="usb cable", brand=["HP"]))
    assert (answer.answered_by, answer.count) == ("all_words", 0)


@pytest.mark.parametrize("typed", ["0882780756328", "882780756328", "00882780756328"])
async def test_every_form_of_a_gtin_finds_its_product(cables: Installation, typed: str) -> None:
    answer = await cables.reader.search(SearchRequest(q=typed))
    assert (answer.answered_by, [hit.id for hit in answer.hits]) == ("exact", [3])


@pytest.mark.parametrize("typed", ["SA1-VBE04RW/17", "sa1vbe04rw17", "dell SA1-VBE04RW/17", "dell sa1vbe04rw17"])
async def test_model_numbers_are_found_however_they_are_punctuated(cables: Installation, typed: str) -> None:
    assert (await ids(cables, typed))[0] == 2


@pytest.mark.parametrize(
    ("sort", "expected"),
    [("price", [2, 5, 6, 1, 3]), ("-price", [3, 1, 6, 5, 2]), ("title", [3, 1, 2, 6, 5]), ("newest", [6, 5, 3, 2, 1])],
)
async def test_orders_are_stable_and_ties_go_by_id(cables: Installation, sort: Sort, expected: list[int]) -> None:
    assert await ids(cables, "", sort) == expected


async def test_highlights_escape_the_merchants_markup(cables: Installation) -> None:
    [hit] = (await cables.reader.search(SearchRequest(q="odd lamps"))).hits
    assert hit.highlight == {
        "title": "Ångström <em>lamp</em>",
        "description": "An &lt;b&gt;<em>odd</em>&lt;&#x2F;b&gt; cable <em>lamp</em>",
    }


HOSTILE = ['"', "\\", "a" * 5_000, "\x00", "((((", "{}", "*:*", "AND OR NOT", "💥", "%", "../../etc", "' OR 1=1 --"]
HOSTILE += [
    "عربي שלום",
    "\ud800",
    "字" * 5_000,
    "a/" * 2_000,
    "a.b-c_d'e " * 600,
    "1" * 5_000,
    "\u202e\u200b",
    "9" * 399,
]


@pytest.mark.parametrize("q", HOSTILE)
async def test_hostile_text_is_answered(cables: Installation, q: str) -> None:
    everything = SearchRequest(q=q, category=[q], brand=[q], attributes={q: [q]}, facets=("brand", f"attr.{q}"))
    await cables.reader.search(SearchRequest(q=q))
    if "\ud800" not in q:  # no HTTP request can carry one outside of q, which is cleaned
        await cables.reader.search(everything)


@given(q=st.text(max_size=60))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_text_is_answered(cables: Installation, q: str) -> None:
    await cables.reader.search(SearchRequest(q=q))


async def test_a_page_beyond_the_window_is_refused(cables: Installation) -> None:
    with pytest.raises(SearchRefused):
        await cables.reader.search(SearchRequest(page=501, page_size=20))


async def test_waiting_ends_as_soon_as_the_write_is_visible(cables: Installation) -> None:
    waiting = asyncio.create_task(cables.reader.wait_until_visible({1: 1, 77: 3}, timeout_s=5))
    await cables.writer.write([product_document(product_snapshot(77, version=3, deleted=True))])
    started = time.monotonic()
    assert await waiting
    assert time.monotonic() - started < 2


async def test_waiting_is_bounded(cables: Installation) -> None:
    assert not await cables.reader.wait_until_visible({1: 2}, timeout_s=0.1)
    assert await cables.reader.wait_until_visible({})


async def test_without_an_index_search_is_unavailable(installation: Installation) -> None:
    with pytest.raises(SearchUnavailable, match="no index"):
        await installation.reader.search(SearchRequest())
    with pytest.raises(SearchUnavailable, match="no index"):
        await installation.reader.ping()
    await installation.indexes.ensure()
    await installation.reader.ping()


async def test_without_a_server_search_is_unavailable() -> None:
    reader = SearchReader(SearchSettings(url="http://127.0.0.1:1"))
    with pytest.raises(SearchUnavailable, match="away"):
        await reader.search(SearchRequest())
    await reader.close()
