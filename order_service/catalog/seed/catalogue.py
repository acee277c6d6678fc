"""Makes the demonstration products and their stock as lines of a feed; called by `aisle seed`.

Pure and the same each time: every choice comes from a generator that starts from one number.
"""

import random
from collections.abc import Iterator
from itertools import count, product
from typing import Any, Final

import msgspec

from order_service.catalog.feed_product import AttributeValue
from order_service.catalog.line_reader import Line
from order_service.catalog.seed import home, leisure, technology
from order_service.catalog.seed.gtin import gtin13
from order_service.catalog.seed.kinds import Department, Kind
from order_service.catalog.slugs import slug_of
from schemas.money import CURRENCY_EXPONENTS, to_amount

SEED: Final = 20_260_401
MODELS_PER_KIND: Final = 16
VARIED_EVERY: Final = 3
VARIANTS: Final = 3
PRICE_ENDINGS: Final = (49, 90, 95, 99)

DEPARTMENTS: Final[tuple[Department, ...]] = (*technology.DEPARTMENTS, *home.DEPARTMENTS, *leisure.DEPARTMENTS)


def product_lines(currency: str) -> Iterator[Line]:
    """Give the products as lines of a merchant feed, priced in `currency`."""
    for number, fields in enumerate(products(currency), start=1):
        yield Line(number, msgspec.json.encode(fields))


def products(currency: str) -> Iterator[dict[str, Any]]:
    """Give the products in the fields of a merchant feed; some models come in variants with one `item_group_id`."""
    generator = random.Random(SEED)  # noqa: S311 - made-up goods, not a secret
    numbers = count(1)
    for department in DEPARTMENTS:
        for kind in department.kinds:
            models = generator.sample(list(product(kind.brands, kind.series, kind.features)), MODELS_PER_KIND)
            for place, model in enumerate(models, start=1):
                for fields in _model(generator, department, kind, model, place):
                    yield {**fields, **_identity(department, next(numbers)), "price": _price(fields["price"], currency)}


def _model(
    generator: random.Random, department: Department, kind: Kind, model: tuple[str, str, str], place: int
) -> Iterator[dict[str, Any]]:
    """Give the fields of one model: one product, or its variants."""
    brand, series, feature = model
    attributes = {key: generator.choice(values) for key, values in kind.attributes.items()}
    fields = {
        "title": f"{brand} {series} {feature} {kind.noun}",
        "brand": brand,
        "mpn": f"{series[:2].upper()}{generator.randrange(100, 1000)}",
        "product_type": f"{department.name} > {kind.category}",
        "price": _cents(generator, kind.cents),
        "attributes": attributes,
    }
    for value in _variants(generator, kind, place):
        chosen = attributes if value is None else {**attributes, str(kind.varies): value}
        varied = (
            {} if value is None else {"item_group_id": slug_of(f"{department.code} {brand} {series} {feature}").upper()}
        )
        title = fields["title"] if value is None else f"{fields['title']}, {_spoken(str(kind.varies), value)}"
        yield {**fields, **varied, "title": title, "attributes": chosen, "description": _description(kind, chosen)}


def _variants(generator: random.Random, kind: Kind, place: int) -> list[Any]:
    """Choose the values in which a model comes; [None] when it is a product by itself."""
    if kind.varies is None or place % VARIED_EVERY:
        return [None]
    values = kind.attributes[kind.varies]
    chosen = set(generator.sample(range(len(values)), min(VARIANTS, len(values))))
    return [value for index, value in enumerate(values) if index in chosen]


def _identity(department: Department, number: int) -> dict[str, str]:
    sku = f"{department.code}-{number:04d}"
    return {"id": sku, "gtin": gtin13(number), "image_link": f"https://images.example.com/{sku.lower()}.jpg"}


def _cents(generator: random.Random, bounds: tuple[int, int]) -> int:
    """Choose a price that ends as prices do, within the bounds."""
    low, high = bounds
    return generator.randrange(low // 100, high // 100) * 100 + generator.choice(PRICE_ENDINGS)


def _price(cents: int, currency: str) -> str:
    """Write the same number in any currency, so that the demonstration works in every shop."""
    minor_units = max(1, cents * 10 ** CURRENCY_EXPONENTS[currency] // 100)
    return f"{to_amount(minor_units, currency)} {currency}"


def _description(kind: Kind, attributes: dict[str, Any]) -> str:
    """Tell what the product is for, and its attributes in words."""
    told = ", ".join(_spoken(key, value) for key, value in attributes.items() if value is not False)
    return f"{kind.about} {told[:1].upper()}{told[1:]}." if told else kind.about


def _spoken(key: str, value: AttributeValue) -> str:
    """Say `memory_gb: 16` as "16 GB memory", `vegan: True` as "vegan", `colour: Blue` as "Blue"."""
    words = key.split("_")
    if value is True:
        return " ".join(words)
    if isinstance(value, str):
        return value if key in {"length", "colour", "weight", "size"} else f"{' '.join(words)} {value}"
    unit = UNITS.get(words[-1])
    return f"{value} {unit} {' '.join(words[:-1])}".strip() if unit else f"{value} {' '.join(words)}"


UNITS: Final = {
    "gb": "GB",
    "hz": "Hz",
    "cm": "cm",
    "mm": "mm",
    "kg": "kg",
    "watts": "W",
    "litres": "l",
    "inches": "inch",
}
