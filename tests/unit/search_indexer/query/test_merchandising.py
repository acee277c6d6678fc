from datetime import UTC, datetime

from search_indexer.query.answers import Place
from search_indexer.query.ladder import first_rung, widened_rung
from search_indexer.query.merchandising import NO_MERCHANDISING, merchandised_ladder, prepared, shaped
from search_indexer.query.rules import MOST_PINS, Applied, Rule
from search_indexer.query.synonyms import SynonymSet

NOW = datetime(2026, 11, 21, tzinfo=UTC)
LARGEST_SCORE = 3.4e38
"""Of a 32-bit float, in which Lucene counts."""


def test_without_synonyms_and_rules_the_rungs_are_those_of_the_ladder() -> None:
    ladder = merchandised_ladder("usb cable", NO_MERCHANDISING, NOW)
    assert ladder.first() == first_rung("usb cable")
    assert ladder.widened() == widened_rung("usb cable")


def test_a_rung_matches_every_wording_and_prefers_what_was_typed() -> None:
    ladder = merchandised_ladder("tv", prepared([SynonymSet(words=["tv", "television"])], []), NOW)
    typed, meant = ladder.first().query["dis_max"]["queries"]
    assert typed == first_rung("tv").query
    assert meant == {"bool": {"must": [first_rung("television").query], "boost": 0.9}}


def test_what_was_corrected_has_synonyms_too() -> None:
    ladder = merchandised_ladder("televisoin", prepared([SynonymSet(words=["tv", "television"])], []), NOW)
    first, *_ = ladder.lower("television")
    assert (first.name, len(first.query["dis_max"]["queries"])) == ("fuzzy", 2)


def test_rules_shape_every_rung() -> None:
    ladder = merchandised_ladder("usb cabel", prepared([], [Rule(id=1, query="usb", match="contains", hide=[4])]), NOW)
    hidden = [{"bool": {"must_not": [{"terms": {"id": [4]}}]}}]
    for rung in (ladder.first(), ladder.widened(), *ladder.lower("usb cable")):
        assert rung.query["bool"]["filter"] == hidden


def test_pins_outscore_each_other_and_everything_else_within_a_float() -> None:
    pins = tuple(range(MOST_PINS))
    query = shaped({"match_all": {}}, Applied(pins=pins, buried=(99,)))
    boosts = [each["constant_score"]["boost"] for each in query["bool"]["should"]]
    assert boosts == sorted(boosts)
    assert boosts[0] >= 1e5
    assert boosts[-1] < LARGEST_SCORE / 1e6
    assert query["bool"]["must"][0]["boosting"]["negative"] == {"terms": {"id": [99]}}


def meaning(text: str) -> list[float] | None:
    return [float(len(text))]


def test_meaning_is_that_of_the_text_whose_words_match() -> None:
    ladder = merchandised_ladder("hdmi cabel", NO_MERCHANDISING, NOW, meaning)
    corrected, most, *spelt = ladder.lower("usb cable xyz")
    assert [rung.near and rung.near.order["knn"]["query_vector"] for rung in (ladder.first(), corrected, most)] == [
        [10.0],
        [13.0],
        [10.0],
    ]
    assert all(rung.near for rung in spelt)


def test_what_names_a_thing_and_a_slip_have_no_meaning() -> None:
    for text in ("hp c4872b", "12 / 500", ""):
        assert merchandised_ladder(text, NO_MERCHANDISING, NOW, meaning).first().near is None
    assert not any(rung.near for rung in merchandised_ladder("cabel", NO_MERCHANDISING, NOW, meaning).lower(None))
    assert merchandised_ladder("cable", NO_MERCHANDISING, NOW, lambda _: None).first().near is None


def test_rules_narrow_the_nearest_too_and_pins_do_not_order_them() -> None:
    rule = Rule(id=1, query="usb", match="contains", hide=[4], pin=[5], bury=[6])
    near = merchandised_ladder("usb cable", prepared([], [rule]), NOW, meaning).first().near
    assert near is not None
    assert near.order["bool"]["filter"] == near.joined["bool"]["filter"]
    assert "should" not in near.order["bool"]
    assert near.joined["bool"]["should"][0]["constant_score"]["filter"] == {"term": {"id": 5}}


def test_the_rung_of_an_answer_is_found_again() -> None:
    ladder = merchandised_ladder("hdmi cabel", NO_MERCHANDISING, NOW, meaning)
    assert ladder.at(Place(has_nearest=True)) == ladder.first()
    assert ladder.at(Place()) == ladder.first().by_words_alone()
    assert ladder.at(Place(1, has_nearest=True)) == ladder.widened()
    assert ladder.at(Place(3, "hdmi cable", has_nearest=True)) == ladder.lower("hdmi cable")[1]
