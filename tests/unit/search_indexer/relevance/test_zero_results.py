from search_indexer.query.synonyms import SynonymSet
from search_indexer.relevance.zero_results import Attempt, attempts


def test_one_word_is_replaced_by_that_of_a_clicked_query() -> None:
    clicked = ["sofa grey", "couch", "sofa red", "grey couch", "couch grey"]
    assert list(attempts("couch grey", clicked))[:1] == [
        Attempt("sofa grey", SynonymSet(words=["sofa"], typed="couch"))
    ]


def test_a_word_is_split_wherever_both_parts_can_be_words() -> None:
    assert [attempt.text for attempt in attempts("powerbank", [])] == [
        "pow erbank", "powe rbank", "power bank", "powerb ank",
    ]  # fmt: skip
    assert list(attempts("short hdmi", [])) == []


def test_single_words_are_not_compared_with_each_other() -> None:
    assert list(attempts("couch", ["sofa"])) == []
