"""What is being typed against the real server."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search_indexer.query.answers import SuggestAnswer
from search_indexer.query.requests import SuggestRequest
from search_indexer.query.suggestion_reader import SuggestionReader
from search_indexer.query.suggestions import put_together
from search_indexer.query.vocabulary import vocabulary_of
from tests.factories.product_snapshots import product_snapshot
from tests.integration.search_indexer.conftest import Install

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
async def reader(install: Install) -> SuggestionReader:
    installation = await install()
    await installation.hold(
        [
            product_snapshot(1, title="HDMI cable 2 m", brand="HP", price_minor=900, in_stock_store_ids=[1]),
            product_snapshot(2, title="USB cable", brand="Dell", price_minor=500),
            product_snapshot(4, title="HDMI cable 2 m", brand="HP", price_minor=900, deleted=True, version=2),
            product_snapshot(5, title="Velvoria1234 lantern", brand="Glow", price_minor=700),
            product_snapshot(6, title="Velvet lantern", brand="Glow", price_minor=800, in_stock_store_ids=[7]),
            product_snapshot(7, title="Popular lantern", brand="Glow", popularity=100),
        ]
    )
    return SuggestionReader(installation.reader.ask)


async def suggested(reader: SuggestionReader, typed: str, store_id: int | None = None) -> SuggestAnswer:
    request = SuggestRequest(q=typed, store_id=store_id)
    return put_together(request, await reader.products(request), vocabulary_of((), await reader.names()))


@pytest.mark.parametrize("typed", ["velvor", "velvpria", "Velvoria1234 lan", "vlevoria"])
async def test_what_is_being_typed_is_completed_even_misspelt(reader: SuggestionReader, typed: str) -> None:
    answer = await suggested(reader, typed)
    assert "Velvoria1234 lantern" in answer.suggestions
    assert 5 in [product.id for product in answer.products]


async def test_brands_and_categories_are_suggested_by_their_own_names_even_misspelt(reader: SuggestionReader) -> None:
    assert [(await suggested(reader, typed)).suggestions[0] for typed in ("glo", "gliw")] == ["Glow", "Glow"]
    categories = await suggested(reader, "adap")
    assert [(each.slug, each.id, each.name, each.count) for each in categories.categories] == [
        ("cables-adapters", 1, "Cables & Adapters", 5)
    ]


async def test_products_in_stock_at_the_store_come_first_and_then_the_popular(reader: SuggestionReader) -> None:
    assert [product.id for product in (await suggested(reader, "lantern")).products] == [7, 5, 6]
    assert [product.id for product in (await suggested(reader, "lantern", store_id=7)).products] == [6, 7, 5]


async def test_only_texts_of_which_one_live_product_has_every_word_find_something(reader: SuggestionReader) -> None:
    texts = ["hdmi cable", "velvet", "velvte", "no such thing", "", "usb lantern", "dell usb cables"]
    assert await reader.which_find(texts) == ["hdmi cable", "velvet", "dell usb cables"]


@pytest.mark.parametrize("q", ['"', "\\", "(" * 50, "*:* AND NOT", "\x00", "\ud800", "a" * 5_000, "💥 %", "w " * 400])
async def test_hostile_text_is_answered(reader: SuggestionReader, q: str) -> None:
    await reader.products(SuggestRequest(q=q, store_id=7))


@given(q=st.text(max_size=60))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_text_is_answered(reader: SuggestionReader, q: str) -> None:
    await reader.products(SuggestRequest(q=q))
