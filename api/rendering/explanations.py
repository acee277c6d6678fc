"""Renders explanations of searches; called by the search handlers."""

from typing import Any, TypeVar

import msgspec
from msgspec import UNSET

from schemas.http_api.explanations import ClauseBody, ExplanationBody, ReasonBody, StageBody
from search_indexer.query.explaining.explanation import Explanation, Stage

Body = TypeVar("Body", bound=msgspec.Struct)


def explanation_body(told: Explanation) -> ExplanationBody:
    """Render one explanation."""
    return ExplanationBody(
        **{
            **msgspec.structs.asdict(told),
            "stages": [_stage_body(stage) for stage in told.stages],
            "clauses": [_said(ClauseBody, clause) for clause in told.clauses],
        }
    )


def _stage_body(stage: Stage) -> StageBody:
    return StageBody(
        name=stage.name, passed=stage.passed, reasons=[_said(ReasonBody, reason) for reason in stage.reasons]
    )


def _said(body: type[Body], told: msgspec.Struct) -> Body:
    """Render what says something; fields that are None or empty are left out."""
    values: dict[str, Any] = msgspec.structs.asdict(told)
    return body(**{name: UNSET if value in (None, []) else value for name, value in values.items()})
