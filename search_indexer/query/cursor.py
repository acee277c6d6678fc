"""The place that a deep walk through a search has reached, and its sealed form for clients; pure, used by api.

A cursor is sealed with a key derived from the installation's: clients can neither read it safely nor make one, and it
is good only for the search it came from, until it expires.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from hashlib import blake2b, sha256

import msgspec

from search_indexer.query.answers import AnsweredBy, Place
from search_indexer.query.requests import SearchRequest
from search_indexer.query.typed_text import readable

LIFETIME = timedelta(minutes=2)
PURPOSE = b"aisle search cursor 1"
SEAL_BYTES = 16
LONGEST = 8_000


class CursorRefused(Exception):
    """The text is no cursor of ours, or of another search, or too old, or what it points into is gone."""


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where to go on: in the point in time `moment`, after the hit with the sort values `after`.

    `first_page` are the ids that page one showed; it was asked for outside the point in time, so they are left out by
    name. `count` is page one's, `at` the time for which rules hold, `query_digest` what page two and on asked.
    `place` is where the answer was found; `head` are the first ids of a fused ranking, of which `named` were shown.
    """

    moment: str
    after: list[int | float | str | None] | None
    first_page: list[int]
    count: int
    at: datetime
    expires: datetime
    answered_by: AnsweredBy
    place: Place = Place()
    head: list[int] = []
    named: int = 0
    query_digest: bytes | None = None
    request_digest: bytes = b""


class CursorSeal:
    """Seals and opens cursors."""

    def __init__(self, secret_key: str) -> None:
        self._key = hmac.digest(secret_key.encode(), PURPOSE, sha256)

    def close(self, cursor: Cursor, request: SearchRequest) -> str:
        """Give the text that goes on with this very search."""
        content = msgspec.msgpack.encode(msgspec.structs.replace(cursor, request_digest=_digest(request)))
        return urlsafe_b64encode(self._seal(content) + content).decode().rstrip("=")

    def open(self, text: str, request: SearchRequest, now: datetime) -> Cursor:
        """Read a text back; raises CursorRefused when it is forged, expired or another search's."""
        try:
            sealed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            content = sealed[SEAL_BYTES:]
            if not hmac.compare_digest(sealed[:SEAL_BYTES], self._seal(content)):
                raise CursorRefused
            cursor = msgspec.msgpack.decode(content, type=Cursor)
        except (ValueError, msgspec.DecodeError) as error:
            raise CursorRefused from error
        if cursor.expires < now or cursor.request_digest != _digest(request):
            raise CursorRefused
        return cursor

    def _seal(self, content: bytes) -> bytes:
        return hmac.digest(self._key, content, sha256)[:SEAL_BYTES]


def _digest(request: SearchRequest) -> bytes:
    """Tell searches apart by what they find and in which order; how much a page shows may change on the way."""
    asked = msgspec.structs.replace(
        request, q=readable(request.q), page=1, page_size=1, cursor=None, facets=(), highlight=False
    )
    return blake2b(msgspec.json.encode(asked, order="sorted"), digest_size=SEAL_BYTES).digest()
