"""Checks synonyms and rules that staff sends and turns them into those that searches go by; called by the handlers."""

from collections.abc import Iterator, Sequence

import msgspec

from order_service.errors import FieldFault, InvalidInput
from schemas.http_api.admin_search import RuleBody, RuleFilterBody, SynonymSetBody
from schemas.money import to_minor_units
from search_indexer.query.folded_words import folded_words
from search_indexer.query.rules import Rule, RuleFilter
from search_indexer.query.synonyms import LONGEST_TERM, SynonymSet

MAX_FAULTS = 100


def read_sets(bodies: Sequence[SynonymSetBody]) -> list[SynonymSet]:
    """Read the sets; raises InvalidInput naming every faulty term."""
    _check([fault for place, body in enumerate(bodies) for fault in _set_faults(body, f"sets[{place}]")])
    return [SynonymSet(words=body.words, typed=body.from_) for body in bodies]


def read_rules(bodies: Sequence[RuleBody], currency: str) -> list[Rule]:
    """Read the rules; raises InvalidInput naming every faulty field."""
    known: set[int] = set()
    faults: list[FieldFault] = []
    for place, body in enumerate(bodies):
        if body.id in known:
            faults.append(FieldFault(f"rules[{place}].id", "is another rule's too"))
        known.add(body.id)
        faults += [FieldFault(f"rules[{place}]{field}", message) for field, message in _rule_faults(body, currency)]
    _check(faults)
    return [_rule(body, currency) for body in bodies]


def _check(faults: list[FieldFault]) -> None:
    if faults:
        raise InvalidInput(faults[:MAX_FAULTS])


def _set_faults(body: SynonymSetBody, path: str) -> Iterator[FieldFault]:
    seen = set() if body.from_ is None else {folded_words(body.from_)}
    if body.from_ is not None and (broken := _term_fault(body.from_)):
        yield FieldFault(f"{path}.from", broken)
    for place, term in enumerate(body.words):
        words = folded_words(term)
        broken = _term_fault(term) or ("is in the set already" if words in seen else None)
        if broken:
            yield FieldFault(f"{path}.words[{place}]", broken)
        seen.add(words)
    if body.from_ is None and len(body.words) == 1:
        yield FieldFault(f"{path}.words", "takes two terms or more, or one with `from`")


def _term_fault(term: str) -> str | None:
    words = folded_words(term)
    if not words:
        return "has no word"
    return f"has more than {LONGEST_TERM} words" if len(words) > LONGEST_TERM else None


def _rule_faults(body: RuleBody, currency: str) -> Iterator[tuple[str, str]]:
    if not folded_words(body.query):
        yield ".query", "has no word"
    if not (body.pin or body.bury or body.hide or body.filter or body.redirect):
        yield "", "does nothing: give pin, bury, hide, filter or redirect"
    if body.active_from and body.active_until and body.active_from >= body.active_until:
        yield ".active_until", "is not after active_from"
    for field, other, twice in _said_twice(body):
        yield f".{field}", f"has products that are in {other} too: {twice}"
    if body.filter is not None:
        yield from _filter_faults(body.filter, currency)


def _said_twice(body: RuleBody) -> Iterator[tuple[str, str, str]]:
    """Find products that one rule treats in two ways."""
    for field, other in (("bury", "pin"), ("hide", "pin"), ("hide", "bury")):
        twice = sorted(set(getattr(body, field)) & set(getattr(body, other)))
        if twice:
            yield field, other, ", ".join(map(str, twice[:10]))


def _filter_faults(body: RuleFilterBody, currency: str) -> Iterator[tuple[str, str]]:
    if body == RuleFilterBody():
        yield ".filter", "narrows nothing"
    low, high = _minor(body.price_min, currency), _minor(body.price_max, currency)
    if low is not None and high is not None and low > high:
        yield ".filter.price_min", "is above price_max"


def _rule(body: RuleBody, currency: str) -> Rule:
    kept = {name: getattr(body, name) for name in Rule.__struct_fields__ if name != "filter"}
    return Rule(**kept, filter=None if body.filter is None else _filter(body.filter, currency))


def _filter(body: RuleFilterBody, currency: str) -> RuleFilter:
    chosen = msgspec.structs.asdict(body)
    low, high = chosen.pop("price_min"), chosen.pop("price_max")
    return RuleFilter(**chosen, price_min_minor=_minor(low, currency), price_max_minor=_minor(high, currency))


def _minor(amount: str | None, currency: str) -> int | None:
    return None if amount is None else to_minor_units(amount, currency)
