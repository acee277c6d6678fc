"""Names whoever searches by a digest that lasts a day; for the search log, which must count heads and know nobody.

The key changes at midnight UTC and comes from the installation's secret: without that, an address cannot be found by
trying all of them, and the digests of two days have nothing to do with each other.
"""

import hmac
from datetime import date
from hashlib import blake2b

DIGEST_BYTES = 8
"""Enough to tell a day's searchers apart: two of a million agree once in thirty million days."""


class Searchers:
    """Makes the digests of one installation; every process with the same secret makes the same ones."""

    def __init__(self, secret_key: str) -> None:
        self._secret = secret_key.encode()
        self._day: date | None = None
        self._key = b""

    def digest(self, client: str, day: date) -> bytes:
        """Give 8 bytes for a client (its user or address, as the rate limits name it) on that day."""
        if day != self._day:
            self._key = hmac.digest(self._secret, f"searchers of {day.isoformat()}".encode(), "sha256")
            self._day = day
        return blake2b(client.encode(), key=self._key, digest_size=DIGEST_BYTES).digest()
