"""The envelope of a paged list."""

from typing import Generic, TypeVar

import msgspec

Item = TypeVar("Item")


class Page(msgspec.Struct, Generic[Item], frozen=True):
    """One page (from 1); `count` is the number of all that match."""

    count: int
    page: int
    page_size: int
    results: list[Item]
