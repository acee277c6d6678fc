"""What is asked of the index about one product, and the facts read from its answer; pure, used by the explainer.

One body has every filter, rule and wording as a named clause of its own, so that a single look at the product tells
which of them hold; another gives the product's score alone, a third the whole order.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from search_indexer.query.answer_reading import Response, count_found
from search_indexer.query.filters import NOT_DELETED, Clause, chosen_filters
from search_indexer.query.fusion import Ranked
from search_indexer.query.groups import GROUP_KEY
from search_indexer.query.ladder import (
    TEXT_FIELDS,
    Rung,
    Way,
    all_words_query,
    factors,
    first_rung,
    identifier_clause,
    joined_texts,
    spelling_rungs,
    widened_rung,
    word_query,
)
from search_indexer.query.merchandising import any_wording
from search_indexer.query.nearest import similarity_of, similarity_query
from search_indexer.query.query_builder import SHOWN, Body, search_body
from search_indexer.query.requests import RESULT_WINDOW, SearchRequest
from search_indexer.query.rules import Rule, rule_filters
from search_indexer.query.synonyms import SynonymTable, variants

FIELDS = tuple(each.partition("^")[0] for each in TEXT_FIELDS)
SHOWN_FIELDS = [
    "id",
    "version",
    "deleted",
    "sku",
    "title",
    "brand",
    "category_path",
    "price_minor",
    "currency",
    "attributes",
    "in_stock_store_ids",
    "popularity",
    GROUP_KEY,
]

Name = tuple[str | int, ...]
"""What a clause asks: ("filter", "brand"), ("word", 0, 1, "title") for the second word of the first wording, …"""


class ReadText(msgspec.Struct, frozen=True):
    """The text as the answering rung took it: its wordings, as typed or corrected first, and how they are matched."""

    wordings: list[str]
    way: Way

    @property
    def text(self) -> str:
        """The text before synonyms; "" while browsing."""
        return self.wordings[0]


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the index told: the document that searches see, clauses that hold for it, its score and its place.

    `score` and `rank` are None where the text does not match, or the product is not among the hits. A group of variants
    has one place, and `leader` is the product that stands there for it. `similarity` is the cosine of product and
    text, None without a vector of either; `is_near` says that it is among the nearest.
    """

    document: Mapping[str, Any] | None
    held: frozenset[Name]
    score: float | None
    rank: int | None
    count: int
    leader: int | None = None
    similarity: float | None = None
    is_near: bool = False


def read_text(typed: str, did_you_mean: str | None, way: Way, synonyms: SynonymTable) -> ReadText:
    """Give the text that the rung matched: the corrected one where whole words are matched, else the typed one."""
    if way in {"all_words", "most_words"}:
        return ReadText(variants(did_you_mean or typed, synonyms), way)
    return ReadText([typed], way)


def named_clauses(request: SearchRequest, rules: Sequence[Rule], read: ReadText) -> dict[Name, Clause]:
    """Give every question that one look at the product answers."""
    asked: dict[Name, Clause] = {("filter", name): clause for name, clause in chosen_filters(request).items()}
    asked |= {("rule", rule.id, name): clause for rule in rules for name, clause in rule_filters(rule).items()}
    if read.text:
        for place, wording in enumerate(read.wordings):
            asked |= {(kind, place, *rest): clause for (kind, *rest), clause in _of_wording(wording, read.way)}
    return asked


def _of_wording(wording: str, way: Way) -> Iterator[tuple[Name, Clause]]:
    yield ("wording",), rung_of(wording, way).query
    yield ("all_words",), all_words_query(wording)
    yield ("model",), {"match": {"models": {"query": wording, "operator": "and"}}}
    if identifier := identifier_clause(wording):
        yield ("identifier",), identifier
    for name, function in factors(wording).items():
        yield ("factor", name), function["filter"]
    for at, word in enumerate(wording.split()):
        yield ("anywhere", at), word_query(word)
        for field in FIELDS:
            yield ("word", at, field), {"match": {field: {"query": word, "operator": "and"}}}
    for at, joined in enumerate(joined_texts(wording)):
        yield ("joined", at), word_query(joined)


def rung_of(wording: str, way: Way) -> Rung:
    """Give the rung that matches one wording in that way, without rules."""
    if way == "most_words":
        return widened_rung(wording)
    spelling = {rung.way: rung for rung in spelling_rungs(wording)} if wording else {}
    return spelling.get(way) or first_rung(wording)


def product_body(product_id: int, clauses: Mapping[Name, Clause]) -> Body:
    """Ask for the product as searches see it, deleted or not, and which clauses hold for it."""
    named = [{"bool": {"_name": str(place), "filter": [clause]}} for place, clause in enumerate(clauses.values())]
    query = {"bool": {"filter": [{"term": {"id": product_id}}], "should": named}}
    return {"query": query, "size": 1, "_source": SHOWN_FIELDS}


def score_body(product_id: int, read: ReadText) -> Body:
    """Ask for the score that the wordings give the product, rules left aside."""
    query = any_wording([rung_of(wording, read.way).query for wording in read.wordings])
    return {"query": {"bool": {"must": [query], "filter": [{"term": {"id": product_id}}]}}, "_source": False}


def order_body(request: SearchRequest, rung: Rung) -> Body:
    """Ask for the ids of all hits that pages can reach, in their order."""
    whole = msgspec.structs.replace(request, page=1, page_size=RESULT_WINDOW, facets=(), highlight=False)
    body = search_body(whole, rung)
    return {**{name: value for name, value in body.items() if name != SHOWN}, "_source": False}


def near_bodies(product_id: int, rung: Rung) -> list[Body]:
    """Ask for the product's similarity, and whether it is among the nearest; nothing where those are not asked."""
    if rung.near is None:
        return []
    among = {"bool": {"must": [rung.near.plain], "filter": [NOT_DELETED, {"term": {"id": product_id}}]}}
    queries = [similarity_query(rung.near.plain, product_id), among]
    return [{"query": query, "size": 1, "_source": False} for query in queries]


def read_facts(
    product_id: int, clauses: Mapping[Name, Clause], head: Sequence[Ranked], parts: Sequence[Response]
) -> Facts:
    """Read the answers to the three bodies and the `near_bodies`; `head` is the first part of a fused ranking."""
    product, scored, _, *near = (part["hits"] for part in parts)
    hit = next(iter(product["hits"]), None)
    names = list(clauses)
    order = whole_order(head, parts[2])
    rank = place_of(order, product_id, hit["_source"].get(GROUP_KEY)) if hit else None
    similar, among = near or ({"hits": []}, {"hits": []})
    return Facts(
        document=hit and hit["_source"],
        held=frozenset(names[int(place)] for place in (hit or {}).get("matched_queries", ())),
        score=next((float(each["_score"]) for each in scored["hits"]), None),
        rank=rank,
        leader=order[rank - 1].id if rank else None,
        count=count_found(parts[2]),
        similarity=next((similarity_of(each["_score"]) for each in similar["hits"]), None),
        is_near=bool(among["hits"]),
    )


def whole_order(head: Sequence[Ranked], response: Response) -> list[Ranked]:
    """Give the order of all hits: the head of a fused ranking, then what follows by words."""
    passed = {each.group for each in head}
    rows = [(int(hit["_id"]), hit.get("fields", {})) for hit in response["hits"]["hits"]]
    following = [Ranked(product, fields[GROUP_KEY][0] if fields else str(product)) for product, fields in rows]
    return [*head, *(each for each in following if each.group not in passed)]


def place_of(order: Sequence[Ranked], product_id: int, group: str | None) -> int | None:
    """Give the place of a product or of its group, from 1; None where neither has one."""
    places = (rank for rank, each in enumerate(order, start=1) if each.id == product_id or each.group == group)
    return next(places, None)
