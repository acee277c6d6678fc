"""Names what found a product and what moved it: words and their fields, factors, pins; pure, used by the explainer."""

from collections.abc import Iterator

from search_indexer.query.explaining.case import Case
from search_indexer.query.explaining.explanation import Clause
from search_indexer.query.explaining.questions import FIELDS
from search_indexer.query.ladder import factors, joined_texts, popularity_weight
from search_indexer.query.merchandising import SYNONYM_WEIGHT

FIELD_NAMES = {
    "title": "the title",
    "codes": "a SKU, GTIN or model number",
    "category_name": "the category",
    "brand.text": "the brand",
    "category_path": "the category's path",
    "description": "the description",
    "attributes_text": "an attribute",
}

FACTORS = {
    "kind": "The last word names the kind of thing that it is",
    "phrase": "The title holds the whole text",
}


def clauses(case: Case) -> list[Clause]:
    """Give everything that found the product or moved it, in the order in which it comes into play."""
    if case.document is None:
        return []
    return [*_reading(case), *_matching(case), *_factors(case), *_meaning(case), *_rules(case)]


def _reading(case: Case) -> Iterator[Clause]:
    """Say that the text was read as another one."""
    if case.did_you_mean and case.read.way in {"all_words", "most_words"}:
        yield Clause(code="corrected", message=f"The text was read as “{case.did_you_mean}”.")
    if case.wording:
        read = case.read.wordings[case.wording]
        message = f"Synonyms made “{read}” of the text; that counts a little less than what was typed."
        yield Clause(code="synonym", message=message, weight=SYNONYM_WEIGHT)


def _matching(case: Case) -> Iterator[Clause]:
    place = case.wording
    if place is None:
        return
    if case.read.way == "nearly_spelt":
        yield Clause(code="nearly_spelt", message=f"Its names have words spelt nearly like “{case.read.text}”.")
    elif case.read.way == "shared_letters":
        yield Clause(code="shared_letters", message=f"Its names share most letters of “{case.read.text}”.")
    else:
        yield from _whole(case, place)
        yield from _words(case, place)


def _whole(case: Case, place: int) -> Iterator[Clause]:
    held, wording = case.facts.held, case.read.wordings[place]
    if ("identifier", place) in held:
        yield Clause(code="identifier", message=f"“{wording}” is its SKU, GTIN or model number; it comes first.")
    if ("model", place) in held:
        yield Clause(code="model", message=f"“{wording}” stands in its names, however punctuated.")
    if case.read.way == "most_words" and ("all_words", place) in held:
        yield Clause(code="all_words", message="It has every word, so it comes before products that lack one.")
    elif case.read.way == "most_words":
        lacking = case.words_lacking(place)
        message = f"It lacks {' and '.join(f'“{word}”' for word in lacking)}; products with every word come before it."
        yield Clause(code="most_words", message=message)


def _words(case: Case, place: int) -> Iterator[Clause]:
    wording = case.read.wordings[place]
    for at, word in enumerate(wording.split()):
        fields = [field for field in FIELDS if ("word", place, at, field) in case.facts.held]
        if fields:
            told = " and ".join(FIELD_NAMES[field] for field in fields)
            yield Clause(code="word", message=f"“{word}” is in {told}.", word=word, fields=fields)
    for at, joined in enumerate(joined_texts(wording)):
        if ("joined", place, at) in case.facts.held:
            yield Clause(code="joined", message=f"It has the text written as “{joined}”.", word=joined)


def _factors(case: Case) -> Iterator[Clause]:
    place = case.wording
    if case.read.text and (place is None or case.read.way not in {"all_words", "most_words"}):
        return
    for name, function in factors(case.read.wordings[place]).items() if place is not None else ():
        if ("factor", place, name) in case.facts.held:
            weight = float(function["weight"])
            yield Clause(code=name, message=f"{FACTORS[name]}: × {weight:g}.", weight=weight)
    popularity = (case.document or {}).get("popularity", 0)
    if popularity:
        weight = popularity_weight(popularity)
        message = f"Sales and clicks of late make it {popularity} of 100 popular: × {weight:.2f}."
        yield Clause(code="popularity", message=message, weight=weight)


def _meaning(case: Case) -> Iterator[Clause]:
    """Name the nearness by meaning, and what two rankings came to."""
    similarity, ranks = case.facts.similarity, case.ranks
    if case.facts.is_near and similarity is not None:
        message = f"By meaning it is {similarity:.2f} like the text."
        place = None if ranks is None else ranks.by_meaning
        yield Clause(code="nearest", message=message, similarity=similarity, rank=place)
    if ranks is not None and (ranks.by_words or ranks.by_meaning):
        by_words = f"place {ranks.by_words} by words" if ranks.by_words else "no place by words"
        by_meaning = f"place {ranks.by_meaning} by meaning" if ranks.by_meaning else "no place by meaning"
        yield Clause(code="fused", message=f"Its place is made of {by_words} and {by_meaning}.", rank=case.facts.rank)


def _rules(case: Case) -> Iterator[Clause]:
    """Name the rules that pin or bury the product; one that does not get its way is left out."""
    for rule in case.rules:
        if case.product_id in rule.pin and case.product_id in case.applied.pins:
            place = case.applied.pins.index(case.product_id) + 1
            message = f"Pinned to place {place} by rule {rule.id} (for “{rule.query}”)."
            yield Clause(code="pinned", message=message, rule_id=rule.id, rank=place)
        elif case.product_id in rule.bury and case.product_id in case.applied.buried:
            message = f"Buried by rule {rule.id} (for “{rule.query}”)."
            yield Clause(code="buried", message=message, rule_id=rule.id)
