"""Answer of `/search/explain`."""

import msgspec
from msgspec import UNSET, UnsetType


class ReasonBody(msgspec.Struct, frozen=True, kw_only=True):
    """Why a stage was passed or not; `rule_id`, `filter`, `words` and `lag_ms` are there where they say something."""

    code: str
    message: str
    rule_id: int | UnsetType = UNSET
    filter: str | UnsetType = UNSET
    words: list[str] | UnsetType = UNSET
    lag_ms: int | UnsetType = UNSET
    similarity: float | UnsetType = UNSET


class StageBody(msgspec.Struct, frozen=True, kw_only=True):
    """One stage; `passed` is null where an earlier stage left nothing to look at."""

    name: str
    passed: bool | None
    reasons: list[ReasonBody]


class ClauseBody(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that found the product or moved it; `weight` is what it multiplies the score by."""

    code: str
    message: str
    word: str | UnsetType = UNSET
    fields: list[str] | UnsetType = UNSET
    weight: float | UnsetType = UNSET
    rule_id: int | UnsetType = UNSET
    similarity: float | UnsetType = UNSET
    rank: int | UnsetType = UNSET


class ExplanationBody(msgspec.Struct, frozen=True, kw_only=True):
    """How one product fares in one search; `outcome` is `ranked`, or why it fell out at the stage `fell_out_at`."""

    product_id: int
    sku: str | None
    title: str | None
    outcome: str
    fell_out_at: str | None
    summary: str
    rank: int | None
    shown_as: int | None
    page: int | None
    count: int
    answered_by: str
    mode: str
    did_you_mean: str | None
    redirect: str | None
    score: float | None
    lag_ms: int | None
    stages: list[StageBody]
    clauses: list[ClauseBody]
