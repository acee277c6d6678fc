from datetime import UTC, datetime

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
