"""Puts stages and clauses together and sums them up in one sentence; pure, used by the explainer."""

from search_indexer.query.explaining.case import Case
from search_indexer.query.explaining.clauses import clauses
from search_indexer.query.explaining.explanation import Explanation
from search_indexer.query.explaining.stages import stages


def explained(case: Case) -> Explanation:
    """Explain the case; what fell out has the first stage that it did not pass and that stage's first reason."""
    judged, told = stages(case), case.document or {}
    lost = next((stage for stage in judged if stage.passed is False), None)
    deciding = (lost or judged[-1]).reasons[0]
    rank = case.facts.rank if judged[-1].passed else None
    return Explanation(
        product_id=case.product_id,
        sku=case.state.sku if case.state else told.get("sku"),
        title=case.state.title if case.state else told.get("title"),
        outcome=deciding.code,
        fell_out_at=lost.name if lost else None,
        summary=deciding.message,
        rank=rank,
        shown_as=None if rank is None else case.facts.leader,
        page=None if rank is None else (rank - 1) // case.request.page_size + 1,
        count=case.facts.count,
        answered_by=case.answered_by,
        mode="hybrid" if case.asks_meaning else "lexical",
        did_you_mean=case.did_you_mean,
        redirect=case.applied.redirect,
        score=case.facts.score if case.read.text else None,
        lag_ms=case.lag_ms,
        stages=judged,
        clauses=clauses(case),
    )
