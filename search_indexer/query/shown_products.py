"""Keeps what hits show of products in memory, so that Elasticsearch reads and sends only ids; used by the index reader.

A product's version rises with every change that is indexed, so what was read is good for as long as hits name that
version. All is read again after a while nevertheless: a repair of the index writes at the version that was there. What
is not kept is read by one request more, in the same point in time as the hits.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from time import monotonic
from typing import Any, NamedTuple

from search_indexer.query.climb import Ask
from search_indexer.query.filters import NOT_DELETED
from search_indexer.query.highlights import Marker
from search_indexer.query.query_builder import SHOWN, SHOWN_FIELDS, Body

Hit = Mapping[str, Any]
Source = Mapping[str, Any]

MOST_BYTES = 64 * 1024 * 1024
OVERHEAD = 2_000
"""Bytes that a product takes beside its description, about."""

FRESH_S = 60.0
"""For how long a product is kept at most."""

IDS: Body = {"_source": False, "stored_fields": "_none_"}
FIELDS = ["id", "version"]


class Kept(NamedTuple):
    """What was read of a product, and until when it is good."""

    source: Source
    until: float

    @property
    def size(self) -> int:
        """Bytes, about."""
        return OVERHEAD + len(self.source.get("description", ""))


class ShownProducts:
    """The products shown of late by id; the ones shown longest ago make room for others."""

    def __init__(self, most_bytes: int = MOST_BYTES, clock: Callable[[], float] = monotonic) -> None:
        self._most_bytes = most_bytes
        self._clock = clock
        self._bytes = 0
        self._kept: OrderedDict[int, Kept] = OrderedDict()

    async def ask(self, ask: Ask, bodies: Sequence[Body]) -> list[Hit]:
        """Ask the bodies, and give the hits of those that say SHOWN what they show. Raises what `ask` raises."""
        answered = list(await ask([_thin(body) if SHOWN in body else body for body in bodies]))
        shown = [place for place, body in enumerate(bodies) if SHOWN in body]
        sources: dict[int, Source] = {}
        wanted: list[Body] = []
        for place in shown:
            versions = dict(map(_version, answered[place]["hits"]["hits"]))
            sources |= self._found(versions)
            missing = [product for product in versions if product not in sources]
            wanted += [_source_body(bodies[place], missing)] if missing else []
        if wanted:
            read = [hit["_source"] for part in await ask(wanted) for hit in part["hits"]["hits"]]
            self._keep(read)
            sources |= {source["id"]: source for source in read}
        for place in shown:
            answered[place] = _filled(answered[place], bodies[place][SHOWN]["texts"], sources)
        return answered

    def _found(self, versions: Mapping[int, int]) -> dict[int, Source]:
        """Give what is kept of these products at these versions or later ones."""
        now = self._clock()
        found: dict[int, Source] = {}
        for product, version in versions.items():
            kept = self._kept.get(product)
            if kept is not None and kept.source["version"] >= version and now < kept.until:
                self._kept.move_to_end(product)
                found[product] = kept.source
        return found

    def _keep(self, sources: Iterable[Source]) -> None:
        until = self._clock() + FRESH_S
        for source in sources:
            self._drop(source["id"])
            self._kept[source["id"]] = kept = Kept(source, until)
            self._bytes += kept.size
        while self._bytes > self._most_bytes:
            self._drop(next(iter(self._kept)))

    def _drop(self, product: int) -> None:
        dropped = self._kept.pop(product, None)
        if dropped is not None:
            self._bytes -= dropped.size


def _version(hit: Hit) -> tuple[int, int]:
    fields = hit["fields"]
    return int(fields["id"][0]), int(fields["version"][0])


def _filled(answer: Hit, texts: Sequence[str], sources: Mapping[int, Source]) -> Hit:
    """Fill the hits in; one that is gone since is left out."""
    marker = Marker(texts) if texts else None
    found = [(hit, sources.get(hit["fields"]["id"][0])) for hit in answer["hits"]["hits"]]
    hits = [_shown(hit, source, marker) for hit, source in found if source is not None]
    return {**answer, "hits": {**answer["hits"], "hits": hits}}


def _shown(hit: Hit, source: Source, marker: Marker | None) -> Hit:
    marked = marker.highlight(source["title"], source.get("description", "")) if marker else {}
    highlight = {field: [text] for field, text in marked.items()}
    return {**hit, "_id": str(source["id"]), "_source": source, "highlight": highlight}


def _thin(body: Body) -> Body:
    rest = {name: value for name, value in body.items() if name != SHOWN}
    return {**rest, **IDS, "docvalue_fields": [*FIELDS, *body.get("docvalue_fields", ())]}


def _source_body(body: Body, ids: Sequence[int]) -> Body:
    query = {"constant_score": {"filter": {"bool": {"filter": [NOT_DELETED, {"terms": {"id": list(ids)}}]}}}}
    moment = {"pit": body["pit"]} if "pit" in body else {}
    return {"query": query, "size": len(ids), "_source": SHOWN_FIELDS, "track_total_hits": False, **moment}
