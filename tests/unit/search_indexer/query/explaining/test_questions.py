from collections.abc import Mapping
from typing import Any

from search_indexer.query.explaining.questions import (
    named_clauses,
    place_of,
    product_body,
    read_facts,
    read_text,
    rung_of,
    whole_order,
)
from search_indexer.query.fusion import Ranked
from search_indexer.query.ladder import first_rung, widened_rung
from search_indexer.query.requests import SearchRequest
from search_indexer.query.rules import Rule, RuleFilter
from search_indexer.query.synonyms import NO_SYNONYMS, SynonymSet, synonym_table


def test_only_whole_words_are_read_in_other_wordings_and_as_corrected() -> None:
    table = synonym_table([SynonymSet(words=["lamp", "light"])])
    assert read_text("lmap", "lamp", "all_words", table).wordings == ["lamp", "light"]
    assert read_text("lmap", "lamp", "shared_letters", table).wordings == ["lmap"]


def test_a_wording_is_asked_for_as_the_ladder_matches_it() -> None:
    assert rung_of("desk lamp", "all_words") == first_rung("desk lamp")
    assert rung_of("desk lamp", "most_words") == widened_rung("desk lamp")
    assert rung_of("lamp", "shared_letters").way == "shared_letters"
    assert rung_of("", "browse") == first_rung("")


def test_what_holds_is_read_back_under_the_name_it_was_asked_by() -> None:
    request = SearchRequest(q="desk lamp", brand=["Lumo"])
    rule = Rule(id=9, query="lamp", filter=RuleFilter(in_stock=True))
    asked = named_clauses(request, [rule], read_text("desk lamp", None, "all_words", NO_SYNONYMS))
    assert {("filter", "brand"), ("rule", 9, "in_stock"), ("word", 0, 1, "title"), ("factor", 0, "kind")} <= set(asked)
    clauses = product_body(7, asked)["query"]["bool"]["should"]
    held = [each["bool"]["_name"] for each in clauses if each["bool"]["filter"] == [asked["filter", "brand"]]]
    hit = {"_id": "7", "_score": 2.0, "_source": {"id": 7}, "matched_queries": held}
    found = {"hits": {"total": {"value": 3}, "hits": [{"_id": "8"}, hit]}}
    parts: list[Mapping[str, Any]] = [{"hits": {"hits": [hit]}}, {"hits": {"hits": [hit]}}, found]
    facts = read_facts(7, asked, [], parts)
    assert (facts.held, facts.score, facts.rank, facts.count) == (frozenset({("filter", "brand")}), 2.0, 2, 3)
    assert (facts.similarity, facts.is_near) == (None, False)
    near: list[Mapping[str, Any]] = [{"hits": {"hits": [{"_score": 0.75}]}}, {"hits": {"hits": [{}]}}]
    fused = read_facts(7, asked, [Ranked(9, "g:a"), Ranked(8, "8")], [*parts, *near])
    assert (fused.rank, fused.leader, fused.similarity, fused.is_near) == (3, 7, 0.5, True)


def test_a_product_has_the_place_of_its_group() -> None:
    following = [{"_id": "5", "fields": {"group_key": ["g:a"]}}, {"_id": "6", "fields": {"group_key": ["p:6"]}}]
    order = whole_order([Ranked(9, "g:a"), Ranked(8, "p:8")], {"hits": {"hits": following}})
    assert order == [Ranked(9, "g:a"), Ranked(8, "p:8"), Ranked(6, "p:6")]
    assert [place_of(order, *each) for each in ((7, "g:a"), (6, "p:6"), (1, None), (1, "g:b"))] == [1, 3, None, None]
