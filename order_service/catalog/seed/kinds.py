"""The form in which the seed's vocabulary is written down; filled by the modules beside this one."""

from typing import NamedTuple


class Kind(NamedTuple):
    """One kind of product: a category of the tree, and the words its products are made of.

    `series` are model names, `features` stand in titles, `attributes` maps each key to its possible values; a
    value of `varies` makes a variant of the same product and stands in its title. `cents` bounds the price.
    """

    category: str
    noun: str
    brands: tuple[str, ...]
    series: tuple[str, ...]
    features: tuple[str, ...]
    attributes: dict[str, tuple[str | int | float | bool, ...]]
    cents: tuple[int, int]
    about: str
    varies: str | None = None


class Department(NamedTuple):
    """A root of the category tree; `code` begins the SKUs of its products."""

    code: str
    name: str
    kinds: tuple[Kind, ...]
