"""Bodies of `/clicks` and `/admin/search/…`."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from schemas.http_api.lists import Page
from schemas.http_api.marks import AMOUNT, Id, Word

Position = Annotated[int, Meta(ge=1, le=1_000_000)]


class ClickBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One click on a search's hit; `position` counts from 1 over all pages of the search."""

    query_id: UUID
    product_id: Id
    position: Position


class QueryReportBody(msgspec.Struct, frozen=True, kw_only=True):
    """One query's numbers; `filtered_out` of its `zero_results` were empty because of chosen filters."""

    query: str
    searches: int
    zero_results: int
    filtered_out: int
    clicks: int
    last_searched_at: datetime


class SearchReportsBody(msgspec.Struct, frozen=True, kw_only=True):
    """The same page of each report over the last `days`."""

    days: int
    top: Page[QueryReportBody]
    zero_results: Page[QueryReportBody]
    no_clicks: Page[QueryReportBody]


Term = Annotated[str, Meta(min_length=1, max_length=100)]
Terms = Annotated[list[Term], Meta(min_length=1, max_length=50)]
PreviewedQueries = Annotated[list[Annotated[str, Meta(min_length=1, max_length=400)]], Meta(max_length=20)]
VersionNumber = Annotated[int, Meta(ge=0, le=2**31 - 2)]
ProductIds = Annotated[list[Id], Meta(max_length=100)]
Pins = Annotated[list[Id], Meta(max_length=40)]
Amount = Annotated[str, Meta(max_length=40, extra={"kind": AMOUNT})]
FilterValues = Annotated[list[Word], Meta(max_length=50)]
Moment = Annotated[datetime, Meta(tz=True)]
Redirect = Annotated[str, Meta(max_length=2_000, pattern=r"^(https?://[^\s]+|/([^/\s][^\s]*)?)$")]


class SynonymSetBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Terms that mean the same; with `from`, whoever types that finds `words` too, and not the other way round."""

    words: Terms
    from_: Term | None = msgspec.field(default=None, name="from")


SynonymSets = Annotated[list[SynonymSetBody], Meta(max_length=1_000)]


class NewSynonymsBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All sets that shall be in effect; `version` is the one that they were made from."""

    version: VersionNumber
    sets: SynonymSets


class SynonymsPreviewBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sets to try; without `queries` the most frequent ones of late are taken."""

    sets: SynonymSets
    queries: PreviewedQueries = []


class SynonymsBody(msgspec.Struct, frozen=True, kw_only=True):
    """The sets in effect; version 0 is empty and was saved by nobody."""

    version: int
    sets: list[SynonymSetBody]
    changed_by: str | None
    changed_at: datetime | None


class RuleFilterBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a rule narrows its query to; the fields are those of a search."""

    brand: FilterValues = []
    category: FilterValues = []
    price_min: Amount | None = None
    price_max: Amount | None = None
    in_stock: bool | None = None
    attributes: Annotated[dict[Word, FilterValues], Meta(max_length=20)] = {}


class RuleBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds when somebody types `query`, alone (exact) or among other words (contains)."""

    id: Id
    query: Annotated[str, Meta(min_length=1, max_length=200)]
    match: Literal["exact", "contains"] = "exact"
    pin: Pins = []
    bury: ProductIds = []
    hide: ProductIds = []
    filter: RuleFilterBody | None = None
    redirect: Redirect | None = None
    active_from: Moment | None = None
    active_until: Moment | None = None


RuleList = Annotated[list[RuleBody], Meta(max_length=500)]


class NewRulesBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All rules that shall be in effect; `version` is the one that they were made from."""

    version: VersionNumber
    rules: RuleList


class RulesPreviewBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rules to try, at a moment if `at` is given; without `queries` the most frequent ones of late are taken."""

    rules: RuleList
    queries: PreviewedQueries = []
    at: Moment | None = None


class RulesBody(msgspec.Struct, frozen=True, kw_only=True):
    """The rules in effect; version 0 is empty and was saved by nobody."""

    version: int
    rules: list[RuleBody]
    changed_by: str | None
    changed_at: datetime | None


class MoveBody(msgspec.Struct, frozen=True, kw_only=True):
    """One product whose place among the first 20 hits changes; null is not among them."""

    product_id: int
    title: str
    before: int | None
    after: int | None


class QueryPreviewBody(msgspec.Struct, frozen=True, kw_only=True):
    """What changes for one query."""

    query: str
    count_before: int
    count_after: int
    redirect_before: str | None
    redirect_after: str | None
    moves: list[MoveBody]


class PreviewBody(msgspec.Struct, frozen=True, kw_only=True):
    """What a proposal changes, query by query."""

    queries: list[QueryPreviewBody]


class HarmBody(msgspec.Struct, frozen=True, kw_only=True):
    """One limit that a change passes: `found` of `asked` queries where `allowed` may be, or NDCG@10 below `allowed`."""

    code: str
    found: float
    allowed: float
    asked: int
    queries: list[QueryPreviewBody]


class FixBody(msgspec.Struct, frozen=True, kw_only=True):
    """What to do: `synonyms` or a `rule` to save beside the others, or `filters` that left nothing."""

    action: str
    message: str
    synonyms: SynonymSetBody | None
    rule: RuleBody | None
    filters: dict[str, Any]


class ZeroResultBody(QueryReportBody, frozen=True, kw_only=True):
    """One query that found nothing, and why; `fix` is what to do about it, `preview` what it would find then."""

    cause: str
    filters: list[str]
    fix: FixBody | None
    preview: QueryPreviewBody | None
