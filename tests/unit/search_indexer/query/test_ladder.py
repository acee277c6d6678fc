import json
from math import log
from typing import Any

import pytest

from search_indexer.query.ladder import (
    KIND_FACTOR,
    MOST_OF_MODEL_NUMBERS,
    MOST_POPULAR_FACTOR,
    MOST_WORDS,
    Rung,
    first_rung,
    has_model_number,
    is_identifier_like,
    joined_texts,
    rarity_words,
    spelling_rungs,
    widened_rung,
    words_to_widen,
)


def factors(rung: Rung) -> list[dict[str, Any]]:
    functions: list[dict[str, Any]] = rung.query["function_score"]["functions"]
    return functions


def test_without_words_everything_is_browsed() -> None:
    browsing = first_rung("")
    assert browsing.name == "browse"
    assert browsing.query["function_score"]["query"] == {"match_all": {}}


@pytest.mark.parametrize("text", ["", "lamp", "usb hub"])
def test_the_popular_are_lifted_by_a_bounded_factor_that_is_one_for_the_rest(text: str) -> None:
    factor = factors(first_rung(text))[-1]
    value = factor["field_value_factor"]
    assert (value["field"], value["missing"], value["modifier"]) == ("popularity", 0, "ln2p")
    by_popularity = [factor["weight"] * log(2 + value["factor"] * level) for level in range(0, 101, 10)]
    assert by_popularity[0] == pytest.approx(1, abs=1e-12)
    assert by_popularity[-1] == pytest.approx(MOST_POPULAR_FACTOR)
    assert by_popularity == sorted(by_popularity)


def test_the_last_word_names_the_kind_that_comes_first() -> None:
    kind = {"filter": {"match": {"category_kinds": "case casefor"}}, "weight": KIND_FACTOR}
    assert {"filter": {"match": {"category_kinds": "cable"}}, "weight": KIND_FACTOR} in factors(first_rung("cable"))
    assert kind not in factors(first_rung("laptop case"))
    assert factors(first_rung("laptop case"))[0]["filter"] == {"match": {"category_kinds": "case laptopcase"}}


def test_titles_with_the_whole_text_are_lifted() -> None:
    assert factors(first_rung("usb hub"))[1]["filter"] == {"match_phrase": {"title": "usb hub"}}


def test_two_words_are_also_tried_as_one() -> None:
    assert joined_texts("head set") == ["headset"]
    assert joined_texts("blue head set") == ["bluehead set", "blue headset"]
    assert joined_texts("lamp") == joined_texts("") == joined_texts("one two three four five six") == []


def test_an_identifier_is_matched_beside_the_words() -> None:
    assert "identifiers" in json.dumps(first_rung("SA1-VBE04RW/17").query)
    assert "identifiers" not in json.dumps(first_rung("flat screen").query)


def test_widening_lets_one_word_be_missing_but_never_half_of_a_model_number() -> None:
    assert f'"{MOST_WORDS}"' in json.dumps(widened_rung("gaming laptop").query)
    assert f'"{MOST_OF_MODEL_NUMBERS}"' in json.dumps(widened_rung("hp c4872b").query)


@pytest.mark.parametrize("text", ["lamp", "hp c4872b", "one two three four five six seven", ""])
def test_single_words_model_numbers_and_long_texts_are_not_widened(text: str) -> None:
    assert words_to_widen(text) == []


def test_words_to_widen_are_those_whose_rarity_counts() -> None:
    assert words_to_widen("android tablet") == ["android", "tablet"]


def test_only_digits_among_letters_make_a_model_number() -> None:
    assert has_model_number("philips sa1vbe04rw")
    assert not has_model_number("usb 3 2000")


def test_model_numbers_and_bare_numbers_are_like_identifiers() -> None:
    assert [is_identifier_like(each) for each in ("philips sa1vbe04rw", "884 116", "usb 3 hub")] == [True, True, False]


def test_a_rare_word_counts_in_short_texts_only() -> None:
    assert rarity_words("lamp") == ["lamp"]
    assert rarity_words("one two three four five six seven") == []


def test_a_model_number_is_not_guessed_from_its_letters() -> None:
    assert len(spelling_rungs("cabel")) == 2
    assert len(spelling_rungs("c4872b")) == 1
    assert {rung.name for rung in spelling_rungs("cabel")} == {"fuzzy"}
