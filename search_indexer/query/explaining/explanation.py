"""What an explanation says, as structs with codes for programs and sentences for people; `api` renders them."""

from typing import Literal

import msgspec

from search_indexer.query.requests import Mode

StageName = Literal["known", "on_sale", "indexed", "matched", "rules", "filters", "ranked"]
"""The stages that a product passes on its way to a shopper, in this order."""


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why a stage was passed or not, or what is worth knowing about it."""

    code: str
    message: str
    rule_id: int | None = None
    filter: str | None = None
    words: list[str] = []
    lag_ms: int | None = None
    similarity: float | None = None


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """One stage; `passed` is None where it could not be told because an earlier one left nothing to look at."""

    name: StageName
    passed: bool | None
    reasons: list[Reason] = []


class Clause(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that found the product or moved it; `weight` multiplies its score, where it does."""

    code: str
    message: str
    word: str | None = None
    fields: list[str] = []
    weight: float | None = None
    rule_id: int | None = None
    similarity: float | None = None
    rank: int | None = None


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """How one product fares in one search.

    `outcome` is "ranked", or the code of the reason for which the product fell out at the stage `fell_out_at`.
    `rank` counts from 1 in the order asked for, and `shown_as` is the product that stands there: another variant where
    a group is one hit. `score` is what the words came to. `lag_ms` is how long the newest change of the product has
    been waiting for searches to see it, None when they see it. `mode` is "hybrid" where the nearest products by meaning
    are part of the answer.
    """

    product_id: int
    sku: str | None
    title: str | None
    outcome: str
    fell_out_at: StageName | None
    summary: str
    rank: int | None
    shown_as: int | None
    page: int | None
    count: int
    answered_by: str
    mode: Mode
    did_you_mean: str | None
    redirect: str | None
    score: float | None
    lag_ms: int | None
    stages: list[Stage]
    clauses: list[Clause]
