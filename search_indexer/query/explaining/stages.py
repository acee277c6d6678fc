"""Takes a product through the stages of a search, one function each, and says why it passed or not; pure.

Stages are judged apart from each other, so that everything that stands in the way is told, not only the first thing.
"""

from collections.abc import Iterator

from search_indexer.query.explaining.case import Case
from search_indexer.query.explaining.chosen_values import has, wanted
from search_indexer.query.explaining.explanation import Reason, Stage, StageName
from search_indexer.query.filters import chosen_filters
from search_indexer.query.nearest import FLOOR, NEAREST
from search_indexer.query.requests import RESULT_WINDOW
from search_indexer.query.rules import Rule, rule_filters

LOST_AFTER_MS = 10_000
"""From this age on a change that the index has passed over is taken for lost, not for being on its way."""


def stages(case: Case) -> list[Stage]:
    """Judge every stage, in the order in which a product passes them."""
    judged = [known(case), on_sale(case), indexed(case)]
    if case.document is None:
        return [*judged, *(Stage(name=name, passed=None) for name in ("matched", "rules", "filters", "ranked"))]
    judged += [matched(case), rules(case), filters(case)]
    return [*judged, ranked(case, is_through=all(stage.passed for stage in judged[2:]))]


def known(case: Case) -> Stage:
    """Whether there ever was such a product."""
    if case.state is not None:
        return Stage(name="known", passed=True)
    orphan = " The index has one: `aisle index audit --repair` takes it out." if case.document is not None else ""
    return _failed("known", Reason(code="unknown", message=f"The shop has no product {case.product_id}.{orphan}"))


def on_sale(case: Case) -> Stage:
    """Whether the product is in the shop."""
    if case.state is None or not case.state.deleted:
        return Stage(name="on_sale", passed=None if case.state is None else True)
    still = "" if case.document is None else " Searches find it until the index has followed."
    return _failed("on_sale", Reason(code="deleted", message=f"It was taken out of the shop.{still}"))


def indexed(case: Case) -> Stage:
    """Whether searches see the product, and whether they see its newest version."""
    lag_ms = case.lag_ms
    if case.state is None or lag_ms is None:
        return Stage(name="indexed", passed=None if case.document is None else True)
    if case.document is None:
        code = "missing_from_index" if _is_lost(case) else "not_indexed"
        message = f"Not indexed yet: lag {_seconds(lag_ms)}. {_whereabouts(case)}"
        return _failed("indexed", Reason(code=code, message=message, lag_ms=lag_ms))
    versions = f"Searches see version {case.document['version']}, version {case.state.version} is"
    message = f"{versions} not indexed yet: lag {_seconds(lag_ms)}. {_whereabouts(case)}"
    reason = Reason(code="index_behind", message=message, lag_ms=lag_ms)
    return Stage(name="indexed", passed=True, reasons=[reason])


def matched(case: Case) -> Stage:
    """Whether the words find the product on the rung that answers."""
    if not case.read.text:
        return Stage(name="matched", passed=True, reasons=[Reason(code="browsing", message="Nothing was typed.")])
    if case.wording is not None or case.facts.is_near:
        return Stage(name="matched", passed=True)
    lacking = min((case.words_lacking(place) for place in range(len(case.read.wordings))), key=len)
    words = Reason(code="not_matched", message=_not_matched(case, lacking), words=lacking)
    return Stage(name="matched", passed=False, reasons=[words, far(case)])


def far(case: Case) -> Reason:
    """Say why the product is not among the nearest by meaning."""
    similarity = case.facts.similarity
    if not case.asks_meaning:
        return Reason(code="meaning_not_asked", message=_why_by_words(case))
    if similarity is None:
        return Reason(code="no_vector", message="It has no sentence vector yet, so meaning cannot find it.")
    if similarity < FLOOR:
        told = f"By meaning it is {similarity:.2f} like the text, and {FLOOR:.2f} is the least."
        return Reason(code="below_similarity_floor", message=told, similarity=similarity)
    told = f"By meaning it is {similarity:.2f} like the text, and {NEAREST} products are nearer."
    return Reason(code="not_among_nearest", message=told, similarity=similarity)


def _why_by_words(case: Case) -> str:
    if case.request.mode == "lexical":
        return "The search goes by words alone."
    return "The answer goes by words alone: the text names a thing, is a slip, or there is no model of meaning."


def rules(case: Case) -> Stage:
    """Whether the rules that hold for the text let the product through."""
    against = [reason for rule in case.rules for reason in _against(rule, case)]
    return Stage(name="rules", passed=not against, reasons=against)


def filters(case: Case) -> Stage:
    """Whether the product is among what was chosen."""
    lost = [name for name in chosen_filters(case.request) if ("filter", name) not in case.facts.held]
    return Stage(name="filters", passed=not lost, reasons=[_filtered(name, case) for name in lost])


def ranked(case: Case, *, is_through: bool) -> Stage:
    """Where the product stands among the hits."""
    rank, count, leader = case.facts.rank, case.facts.count, case.facts.leader
    if not is_through and (rank is None or leader != case.product_id):
        return Stage(name="ranked", passed=None)
    if rank is not None:
        page = (rank - 1) // case.request.page_size + 1
        stead = "" if leader == case.product_id else f" Product {leader} stands there for its variants."
        told = f"Place {rank} of {count} by {case.request.sort}, on page {page}.{stead}"
        return Stage(name="ranked", passed=True, reasons=[Reason(code="ranked", message=told)])
    if count > RESULT_WINDOW:
        told = f"It is found, after the first {RESULT_WINDOW} of {count} hits; a cursor gets there."
        return _failed("ranked", Reason(code="beyond_reach", message=told))
    return _failed("ranked", Reason(code="index_moved", message="The index changed while it was asked; ask again."))


def _not_matched(case: Case, lacking: list[str]) -> str:
    told = " and ".join(f"“{word}”" for word in lacking) or "its words together"
    if case.answered_by in {"none", "meaning"}:
        return f"No product has the words of “{case.read.text}”; this one lacks {told}."
    return {
        "all_words": f"It lacks {told}, and other products have every word.",
        "most_words": f"It lacks {told}; one word may be missing, of five or more words a quarter.",
        "nearly_spelt": f"It has no words spelt nearly like “{case.read.text}”, which others have.",
        "shared_letters": f"It shares too few letters with “{case.read.text}”.",
        "browse": "",
    }[case.read.way]


def _against(rule: Rule, case: Case) -> Iterator[Reason]:
    if case.product_id in rule.hide:
        message = f"Hidden by rule {rule.id} (for “{rule.query}”)."
        yield Reason(code="hidden_by_rule", message=message, rule_id=rule.id)
    for name in rule_filters(rule):
        if rule.filter is not None and ("rule", rule.id, name) not in case.facts.held:
            left = f"Rule {rule.id} (for “{rule.query}”) leaves only {wanted(name, rule.filter, case.document)}"
            message = f"{left}; it has {has(name, case.document)}."
            yield Reason(code="filtered_by_rule", message=message, rule_id=rule.id, filter=name)


def _filtered(name: str, case: Case) -> Reason:
    if name == "in_stock" and case.request.in_stock:
        store = "" if case.request.store_id is None else f" at store {case.request.store_id}"
        return Reason(code="out_of_stock", message=f"Out of stock{store}.", filter=name)
    message = f"Chosen is {wanted(name, case.request, case.document)}; it has {has(name, case.document)}."
    return Reason(code="filtered_out", message=message, filter=name)


def _is_lost(case: Case) -> bool:
    """Whether the index has newer changes than this one, and has had time for it."""
    if case.state is None or case.state.waits_for_relay or case.newest is None:
        return False
    return case.newest > case.state.updated_at and case.state.age_ms > LOST_AFTER_MS


def _whereabouts(case: Case) -> str:
    if case.state is not None and case.state.waits_for_relay:
        return "The change is yet to be published by the relay."
    if _is_lost(case):
        return "The index has newer changes already: `aisle index audit --repair` brings this one back."
    return "The change is published and yet to be indexed."


def _failed(name: StageName, reason: Reason) -> Stage:
    return Stage(name=name, passed=False, reasons=[reason])


def _seconds(ms: int) -> str:
    return f"{ms / 1000:.1f} s"
