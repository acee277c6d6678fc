"""Explanations on the real servers: held to what searches find, and to what Postgres and the index really hold."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from order_service.catalog.products import Product
from order_service.catalog.write_product import ProductChanges, change_product, delete_product
from order_service.database.engine import Database
from order_service.product_snapshots import stream_snapshots
from schemas.events.product_snapshot import ProductSnapshot
from search_indexer.query.answers import SearchHit
from search_indexer.query.explaining.explanation import Explanation
from search_indexer.query.explaining.product_explainer import ProductExplainer
from search_indexer.query.index_reader import SearchReader
from search_indexer.query.merchandising import NO_MERCHANDISING, Merchandising, prepared
from search_indexer.query.requests import Mode, SearchRequest
from search_indexer.query.rules import Rule, RuleFilter
from search_indexer.query.synonyms import SynonymSet
from tests.factories.catalogue import STAFF, a_product, unique
from tests.factories.held_filters import holds
from tests.factories.product_snapshots import product_snapshot
from tests.integration.search_indexer.conftest import Install, Installation
from tests.integration.search_indexer.query.conftest import PRODUCTS, StockedShop
from tests.integration.search_indexer.query.test_facets import FULL, requests
from tests.integration.search_indexer.query.test_hybrid import Hold, hold, rooms  # noqa: F401 - fixtures

pytestmark = pytest.mark.servers


class Shelved(NamedTuple):
    reader: SearchReader
    explainer: ProductExplainer
    products: list[ProductSnapshot]


@pytest.fixture(scope="session")
async def shelved(hold: Hold, stocked_shop: StockedShop) -> Shelved:  # noqa: F811 - the fixture
    reader = (await hold(stocked_shop.products)).reader
    return Shelved(reader, ProductExplainer(reader, stocked_shop.database), stocked_shop.products)


HIDDEN, ALLOWED = set(range(50, 120)), ["HP", "Dell"]
RULES = (
    Rule(id=1, query="cable", match="contains", pin=[3, 30, 300], bury=[4, 40], hide=sorted(HIDDEN)),
    Rule(id=2, query="hdmi", match="contains", filter=RuleFilter(brand=ALLOWED)),
)
RULED = prepared([SynonymSet(words=["cable", "adapter"])], RULES)


def passed(told: Explanation) -> dict[str, bool | None]:
    return {stage.name: stage.passed for stage in told.stages}


def in_mode(request: SearchRequest, mode: Mode) -> SearchRequest:
    return msgspec.structs.replace(request, mode=mode)


def against_rules(product: ProductSnapshot, q: str) -> bool:
    hidden = "cable" in q and product.id in HIDDEN
    return hidden or ("hdmi" in q and product.brand not in ALLOWED)


@given(
    request=st.builds(in_mode, requests(), st.sampled_from(["lexical", "hybrid"])),
    product_id=st.integers(1, PRODUCTS),
    staff=st.sampled_from([NO_MERCHANDISING, RULED]),
)
@settings(
    max_examples=1_000 if FULL else 40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_it_agrees_with_what_the_search_finds(
    request: SearchRequest, product_id: int, staff: Merchandising, shelved: Shelved
) -> None:
    product, is_ruled = shelved.products[product_id - 1], staff is RULED
    told = await shelved.explainer.explain(product_id, request, staff)
    hits = (await shelved.reader.search(all_of(request), staff)).hits
    found = {hit.id for hit in (await shelved.reader.search(alone(all_of(request)), staff)).hits}
    places = [place for place, hit in enumerate(hits, start=1) if stands_for(hit, product, request)]
    assert (told.rank, told.count) == (places[0] if product_id in found else None, len(hits))
    assert told.shown_as == (hits[places[0] - 1].id if told.rank else None)
    if product.deleted:
        assert passed(told)["matched"] is None
        return
    unfiltered = await shelved.reader.search(alone(all_of(SearchRequest(q=request.q, mode=request.mode))), staff)
    stages = passed(told)
    assert stages["filters"] == holds(product, request)
    assert stages["rules"] == (not (is_ruled and against_rules(product, request.q)))
    assert (stages["matched"] and stages["rules"]) == (product_id in {hit.id for hit in unfiltered.hits})
    assert all(reason.message for stage in told.stages if not stage.passed for reason in stage.reasons)


def all_of(request: SearchRequest) -> SearchRequest:
    return msgspec.structs.replace(request, page_size=1_000, facets=())


def alone(request: SearchRequest) -> SearchRequest:
    return msgspec.structs.replace(request, collapse=False)


def stands_for(hit: SearchHit, product: ProductSnapshot, request: SearchRequest) -> bool:
    """Whether the hit is the product, or the first of its group where a group is one hit."""
    return hit.id == product.id or (request.collapse and hit.group_id is not None and hit.group_id == product.group_id)


@pytest.fixture(scope="session")
async def lamps(install: Install) -> Installation:
    installation = await install()
    await installation.hold(
        [
            product_snapshot(1, title="Lumo desk lamp", brand="Lumo", description="With a dimmer", mpn="A-17B"),
            product_snapshot(2, title="Desk with a lamp", brand="Ignis", price_minor=9_900),
            product_snapshot(3, title="Floor lamp", brand="Lumo", in_stock_store_ids=[4]),
            product_snapshot(4, title="Desk light", brand="Lumo"),
        ]
    )
    return installation


async def explain(
    installation: Installation, database: Database, product_id: int, staff: Merchandising, **fields: Any
) -> Explanation:
    request = msgspec.convert(fields, SearchRequest)
    return await ProductExplainer(installation.reader, database).explain(product_id, request, staff)


async def test_it_names_the_words_the_fields_and_the_factors(lamps: Installation, database: Database) -> None:
    told = await explain(lamps, database, 1, NO_MERCHANDISING, q="lumo desk lamp")
    named = {(clause.code, clause.word, tuple(clause.fields)) for clause in told.clauses}
    assert named >= {
        ("word", "lumo", ("title", "brand.text")),
        ("word", "desk", ("title",)),
        ("word", "lamp", ("title",)),
        ("phrase", None, ()),
    }
    other = await explain(lamps, database, 2, NO_MERCHANDISING, q="desk lamp")
    assert "phrase" not in {clause.code for clause in other.clauses}
    assert (other.answered_by, other.rank) == ("all_words", 2)


async def test_the_factors_are_what_the_score_was_multiplied_by(lamps: Installation, database: Database) -> None:
    told = await explain(lamps, database, 1, NO_MERCHANDISING, q="desk lamp")
    plain = await explain(lamps, database, 1, NO_MERCHANDISING, q="lamp desk")
    [phrase] = [clause.weight for clause in told.clauses if clause.code == "phrase"]
    assert told.score == pytest.approx((plain.score or 0) * (phrase or 0))


async def test_popularity_is_told_as_what_the_score_was_multiplied_by(install: Install, database: Database) -> None:
    installation = await install()
    twins = [
        product_snapshot(each, title="Floor lamp", popularity=popularity) for each, popularity in ((1, 0), (2, 40))
    ]
    await installation.hold(twins)
    plain, popular = [await explain(installation, database, each, NO_MERCHANDISING, q="lamp") for each in (1, 2)]
    [clause] = [clause for clause in popular.clauses if clause.code == "popularity"]
    assert (popular.score or 0) == pytest.approx((plain.score or 0) * (clause.weight or 0))
    assert (popular.rank, plain.rank, len(popular.clauses) - len(plain.clauses)) == (1, 2, 1)
    browsed = await explain(installation, database, 2, NO_MERCHANDISING)
    assert [clause.code for clause in browsed.clauses] == ["popularity"]


async def test_a_model_number_a_synonym_and_a_correction_are_named(lamps: Installation, database: Database) -> None:
    exact = await explain(lamps, database, 1, NO_MERCHANDISING, q="a17b")
    assert (exact.answered_by, exact.rank) == ("exact", 1)
    assert "identifier" in {clause.code for clause in exact.clauses}
    staff = prepared([SynonymSet(words=["lamp"], typed="luminaire")], [])
    meant = await explain(lamps, database, 3, staff, q="floor luminaire")
    [synonym] = [clause.message for clause in meant.clauses if clause.code == "synonym"]
    assert "“floor lamp”" in synonym
    misspelt = await explain(lamps, database, 3, NO_MERCHANDISING, q="flooor")
    assert (misspelt.answered_by, misspelt.clauses[0].code) == ("fuzzy", "corrected")


async def test_nearness_by_meaning_is_told_with_its_similarity_and_both_places(
    rooms: Installation,  # noqa: F811 - the fixture
    database: Database,
) -> None:
    couch, sofa, desk = [
        await explain(rooms, database, each, NO_MERCHANDISING, q="sofa", mode="hybrid") for each in (3, 1, 4)
    ]
    assert (couch.mode, couch.count) == ("hybrid", 6)
    [near] = [clause for clause in couch.clauses if clause.code == "nearest"]
    assert (near.similarity or 0) > 0.3
    [fused] = [clause for clause in couch.clauses if clause.code == "fused"]
    assert (fused.rank, "no place by words" in fused.message) == (couch.rank, True)
    assert {"word", "nearest", "fused"} <= {clause.code for clause in sofa.clauses}
    words, meaning = desk.stages[3].reasons
    assert (words.code, meaning.code) == ("not_matched", "below_similarity_floor")
    assert (meaning.similarity or 0) < 0.3
    named = await explain(rooms, database, 3, NO_MERCHANDISING, q="rarissimo sofa", mode="hybrid")
    assert (named.mode, named.stages[3].reasons[1].code) == ("lexical", "meaning_not_asked")


async def test_words_that_miss_are_named(lamps: Installation, database: Database) -> None:
    told = await explain(lamps, database, 3, NO_MERCHANDISING, q="lumo desk lamp dimmer")
    reason, by_words = told.stages[3].reasons
    assert by_words.message == "The search goes by words alone."
    assert (told.rank, reason.code, reason.words) == (None, "not_matched", ["desk", "dimmer"])


async def test_rules_are_named_by_their_number(lamps: Installation, database: Database) -> None:
    hidden = await explain(lamps, database, 2, prepared([], [Rule(id=12, query="lamp", hide=[2])]), q="lamp")
    [reason] = hidden.stages[4].reasons
    assert (hidden.rank, reason.code, reason.rule_id) == (None, "hidden_by_rule", 12)
    narrowed = prepared([], [Rule(id=13, query="lamp", filter=RuleFilter(brand=["Lumo"], price_max_minor=5_000))])
    told = await explain(lamps, database, 2, narrowed, q="lamp")
    reasons = told.stages[4].reasons
    assert {(reason.code, reason.rule_id, reason.filter) for reason in reasons} == {
        ("filtered_by_rule", 13, "brand"),
        ("filtered_by_rule", 13, "price"),
    }
    moved = prepared([], [Rule(id=14, query="lamp", pin=[3], bury=[1])])
    pinned, buried = [await explain(lamps, database, each, moved, q="lamp") for each in (3, 1)]
    assert (pinned.rank, pinned.clauses[-1].code, pinned.clauses[-1].rule_id) == (1, "pinned", 14)
    assert (buried.rank, buried.clauses[-1].code, buried.clauses[-1].rule_id) == (3, "buried", 14)


async def test_filters_and_stock_are_named_with_what_the_product_has(lamps: Installation, database: Database) -> None:
    told = await explain(lamps, database, 2, NO_MERCHANDISING, q="lamp", brand=["Lumo", "Nobody"], price_max_minor=100)
    assert [reason.message for reason in told.stages[5].reasons] == [
        "Chosen is brand “Lumo”, “Nobody”; it has brand “Ignis”.",
        "Chosen is a price up to 1.00 USD; it has a price of 99.00 USD.",
    ]
    sold_out = await explain(lamps, database, 3, NO_MERCHANDISING, q="lamp", in_stock=True, store_id=9)
    assert (sold_out.rank, sold_out.stages[5].reasons[0].code) == (None, "out_of_stock")


async def indexed(installation: Installation, database: Database, product: Product) -> None:
    """Carry the product into the index as it is, its marks taken as the relay does."""
    async with database.writes.begin() as connection:
        await connection.execute(text("DELETE FROM product_changes WHERE product_id = :id"), {"id": product.id})
    snapshots = [each async for batch in stream_snapshots(database, "USD") for each in batch if each.id == product.id]
    await installation.hold(snapshots)


async def test_a_product_that_is_unknown_or_deleted_says_so(installation: Installation, database: Database) -> None:
    product = await a_product(database)
    await indexed(installation, database, product)
    assert (await explain(installation, database, 10**15, NO_MERCHANDISING)).outcome == "unknown"
    await delete_product(database, product.id, STAFF)
    still = await explain(installation, database, product.id, NO_MERCHANDISING)
    assert (still.outcome, still.rank) == ("deleted", 1)
    assert "until the index has followed" in still.summary
    await installation.hold([product_snapshot(product.id, deleted=True, version=product.version + 1)])
    gone = await explain(installation, database, product.id, NO_MERCHANDISING)
    assert (gone.outcome, gone.lag_ms, passed(gone)["ranked"]) == ("deleted", None, None)


async def test_a_change_on_its_way_is_told_with_its_lag(installation: Installation, database: Database) -> None:
    word = unique("quill").split()[1]
    first = await a_product(database)
    await indexed(installation, database, first)
    product = await a_product(database, title=f"Lamp {word}")
    told = await explain(installation, database, product.id, NO_MERCHANDISING, q=word)
    assert (told.outcome, told.fell_out_at) == ("not_indexed", "indexed")
    assert re.fullmatch(r"Not indexed yet: lag \d+\.\d s\. .* yet to be published by the relay\.", told.summary)
    assert told.lag_ms is not None
    await indexed(installation, database, product)
    assert (await explain(installation, database, product.id, NO_MERCHANDISING, q=word)).outcome == "ranked"
    await change_product(database, product.id, ProductChanges(title=f"Torch {word}"), STAFF)
    behind = await explain(installation, database, product.id, NO_MERCHANDISING, q="torch")
    assert (behind.outcome, behind.stages[2].reasons[0].code) == ("not_matched", "index_behind")
    assert behind.stages[2].reasons[0].lag_ms == behind.lag_ms


async def test_a_change_that_the_index_has_passed_over_is_called_lost(
    installation: Installation, database: Database
) -> None:
    lost, newer = await a_product(database), await a_product(database)
    await indexed(installation, database, newer)
    async with database.writes.begin() as connection:
        await connection.execute(text("DELETE FROM product_changes WHERE product_id = :id"), {"id": lost.id})
        earlier = {"id": lost.id, "at": datetime.now(UTC) - timedelta(minutes=1)}
        await connection.execute(text("UPDATE products SET updated_at = :at WHERE id = :id"), earlier)
    told = await explain(installation, database, lost.id, NO_MERCHANDISING)
    assert told.outcome == "missing_from_index"
    assert "aisle index audit --repair" in told.summary
