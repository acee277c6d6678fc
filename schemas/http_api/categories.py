"""Bodies of `/categories`."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from schemas.http_api.marks import Id, Name

Slug = Annotated[str, Meta(min_length=1, max_length=200, pattern="^[a-z0-9]+(-[a-z0-9]+)*$")]


class NewCategoryBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A category to be; without a slug one is made from the name."""

    name: Name
    parent_id: Id | None = None
    slug: Slug | None = None


class CategoryChangesBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields to change; a `parent_id` of null makes it a root."""

    name: Name | UnsetType = UNSET
    parent_id: Id | None | UnsetType = UNSET
    slug: Slug | UnsetType = UNSET


class CategoryBody(msgspec.Struct, frozen=True, kw_only=True):
    """One category; the paths go from the root to itself, `product_count` covers its descendants."""

    id: int
    parent_id: int | None
    name: str
    slug: str
    path_names: list[str]
    path_slugs: list[str]
    product_count: int
