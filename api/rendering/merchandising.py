"""Renders synonyms, rules and previews of them; called by the handlers of `/admin/search`."""

from collections.abc import Sequence

import msgspec

from schemas.http_api.admin_search import (
    FixBody,
    HarmBody,
    MoveBody,
    PreviewBody,
    QueryPreviewBody,
    RuleBody,
    RuleFilterBody,
    RulesBody,
    SynonymsBody,
    SynonymSetBody,
    ZeroResultBody,
)
from schemas.money import to_amount
from search_indexer.query.rules import Rule, RuleFilter
from search_indexer.query.synonyms import SynonymSet
from search_indexer.relevance.fixes import Fix
from search_indexer.relevance.harm import Harm
from search_indexer.relevance.merchandising import Version
from search_indexer.relevance.preview import QueryPreview
from search_indexer.relevance.zero_results import Diagnosis


def synonyms_body(saved: Version[SynonymSet]) -> SynonymsBody:
    """Render one version of the synonyms."""
    return SynonymsBody(
        version=saved.version,
        sets=[_set_body(each) for each in saved.items],
        changed_by=saved.actor,
        changed_at=saved.created_at,
    )


def rules_body(saved: Version[Rule], currency: str) -> RulesBody:
    """Render one version of the rules, amounts as decimal strings."""
    return RulesBody(
        version=saved.version,
        rules=[_rule_body(each, currency) for each in saved.items],
        changed_by=saved.actor,
        changed_at=saved.created_at,
    )


def preview_body(previews: Sequence[QueryPreview]) -> PreviewBody:
    """Render what a proposal changes."""
    return PreviewBody(queries=[_query_preview(each) for each in previews])


def zero_result_body(found: Diagnosis, currency: str) -> ZeroResultBody:
    """Render one query that found nothing with its cause."""
    return ZeroResultBody(
        **msgspec.structs.asdict(found.row),
        cause=found.cause,
        filters=found.filters,
        fix=None if found.fix is None else _fix_body(found.fix, currency),
        preview=None if found.preview is None else _query_preview(found.preview),
    )


def harm_body(harm: Harm) -> HarmBody:
    """Render what a change would do to queries."""
    return HarmBody(**{**msgspec.structs.asdict(harm), "queries": [_query_preview(each) for each in harm.queries]})


def _query_preview(each: QueryPreview) -> QueryPreviewBody:
    moves = [MoveBody(**msgspec.structs.asdict(move)) for move in each.moves]
    return QueryPreviewBody(**{**msgspec.structs.asdict(each), "moves": moves})


def _fix_body(fix: Fix, currency: str) -> FixBody:
    """Render a fix; logged prices in minor units become amounts, null is open."""
    prices = {name: [_amount(each, currency) for each in fix.filters[name]] for name in fix.filters if name == "price"}
    return FixBody(
        action=fix.action,
        message=fix.message,
        synonyms=None if fix.synonyms is None else _set_body(fix.synonyms),
        rule=None if fix.rule is None else _rule_body(fix.rule, currency),
        filters={**fix.filters, **prices},
    )


def _set_body(each: SynonymSet) -> SynonymSetBody:
    return SynonymSetBody(words=each.words, from_=each.typed)


def _rule_body(rule: Rule, currency: str) -> RuleBody:
    kept = {name: getattr(rule, name) for name in RuleBody.__struct_fields__ if name != "filter"}
    return RuleBody(**kept, filter=None if rule.filter is None else _filter_body(rule.filter, currency))


def _filter_body(chosen: RuleFilter, currency: str) -> RuleFilterBody:
    kept = msgspec.structs.asdict(chosen)
    low, high = kept.pop("price_min_minor"), kept.pop("price_max_minor")
    return RuleFilterBody(**kept, price_min=_amount(low, currency), price_max=_amount(high, currency))


def _amount(minor_units: int | None, currency: str) -> str | None:
    return None if minor_units is None else to_amount(minor_units, currency)
