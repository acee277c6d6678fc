"""What the products' indexes and aliases of one installation are called; the whole state of a rebuild is in aliases.

<prefix>-products            searches read here
<prefix>-products-writes     the consumer writes here
<prefix>-products-building   a rebuild is filling it; without a running rebuild it is a leftover
<prefix>-products-previous   what was live before the last rebuild
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class IndexNames:
    """The names under one SEARCH_INDEX_PREFIX."""

    prefix: str

    @property
    def reads(self) -> str:
        """The alias that searches ask."""
        return f"{self.prefix}-products"

    @property
    def writes(self) -> str:
        """The alias that changes are written to."""
        return f"{self.reads}-writes"

    @property
    def building(self) -> str:
        """The alias of an index that is being filled."""
        return f"{self.reads}-building"

    @property
    def previous(self) -> str:
        """The alias of the index that was live before."""
        return f"{self.reads}-previous"

    @property
    def initial(self) -> str:
        """The empty index of a first start; one fixed name, so that two processes cannot make two."""
        return f"{self.reads}-initial"

    def new(self, at: datetime, nonce: UUID) -> str:
        """Name a new index by the time of its birth; the nonce keeps two of one second apart."""
        return f"{self.reads}-{at:%Y%m%d%H%M%S}-{nonce.hex[:6]}"
