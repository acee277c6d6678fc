"""Field types of request bodies whose bounds come up again and again; `api.reading.request_body` checks them.

`AMOUNT` fields are decimal strings in the shop's currency, `POSITIVE_AMOUNT` above zero, `CURRENCY` the shop's own,
`PERCENT` a percentage as a decimal string.
"""

from typing import Annotated

from msgspec import Meta

AMOUNT, POSITIVE_AMOUNT, CURRENCY, PERCENT = "amount", "positive amount", "currency", "percent"

Id = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Pieces = Annotated[int, Meta(ge=0, le=10**9)]
SignedPieces = Annotated[int, Meta(ge=-(10**9), le=10**9)]
Name = Annotated[str, Meta(min_length=1, max_length=300)]
Word = Annotated[str, Meta(min_length=1, max_length=200)]
ShortText = Annotated[str, Meta(max_length=300)]
LongText = Annotated[str, Meta(max_length=50_000)]
Link = Annotated[str, Meta(max_length=2_000, pattern="^https?://")]
Price = Annotated[str, Meta(max_length=40, extra={"kind": POSITIVE_AMOUNT})]
Currency = Annotated[str, Meta(max_length=3, extra={"kind": CURRENCY})]
