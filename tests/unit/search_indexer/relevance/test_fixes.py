import msgspec

from search_indexer.query.rules import Rule
from search_indexer.query.synonyms import SynonymSet
from search_indexer.relevance.fixes import Attempt, attempts, drops, is_term, kind_attempts, redirect, without
from tests.unit.search_indexer.relevance.test_measured_search import HIT


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


def test_each_filter_is_dropped_alone_then_all_and_a_store_is_no_filter() -> None:
    chosen = {"brand": ["Lumo"], "price": [None, 500], "store_id": 7}
    assert drops(chosen) == [{"brand": ["Lumo"]}, {"price": [None, 500]}, {"brand": ["Lumo"], "price": [None, 500]}]
    assert drops({"in_stock": True, "store_id": 7}) == [{"in_stock": True}]
    assert without(chosen, {"brand": ["Lumo"]}) == {"price": [None, 500], "store_id": 7}


def test_what_the_nearest_products_are_is_proposed_commonest_kind_first() -> None:
    names = ["desk lamp", "Floor Lamps", "floor lamps", "other", "couch"]
    nearest = [msgspec.structs.replace(HIT, category_name=name) for name in names]
    assert [attempt.text for attempt in kind_attempts("couch", nearest)] == ["lamps", "lamp"]
    assert kind_attempts("couch", nearest)[0].fix == SynonymSet(words=["lamps"], typed="couch")


def test_a_fix_is_fit_to_be_saved() -> None:
    assert is_term("one two three")
    assert not any(map(is_term, ["", "--", "a " * 9, "a" * 101]))
    fix = redirect("couch", [Rule(id=4, query="tv"), Rule(id=2, query="hdmi")])
    assert fix is not None
    assert fix.rule == Rule(id=5, query="couch", redirect="/")
    assert redirect("!?", []) is redirect("a" * 201, []) is None
