"""Some hundred products that differ in everything facets count, indexed once a session."""

import random

import pytest

from schemas.events.product_snapshot import CategoryPath, ProductSnapshot
from tests.factories.product_snapshots import product_snapshot

WORDS = ("cable", "hdmi", "usb", "printer", "ink", "black", "compact", "wireless", "mouse", "adapter")
BRANDS = ("HP", "Dell", "C2G", "Tripp Lite", "Belkin", "Żubr & Søn", None)
TREE = (
    CategoryPath(ids=[1], names=["Cables"], slugs=["cables"]),
    CategoryPath(ids=[1, 2], names=["Cables", "HDMI"], slugs=["cables", "hdmi"]),
    CategoryPath(ids=[1, 2, 3], names=["Cables", "HDMI", "Long HDMI"], slugs=["cables", "hdmi", "long-hdmi"]),
    CategoryPath(ids=[4, 5], names=["Printing", "Ink"], slugs=["printing", "ink"]),
    CategoryPath(ids=[4, 6], names=["Printing", "Printers"], slugs=["printing", "printers"]),
)
COLOURS = ("Black", "Red", "Blue")


def _random_product(product_id: int, chance: random.Random) -> ProductSnapshot:
    attributes = {
        "colour": chance.choice(COLOURS),
        "length [m]": float(chance.randint(1, 3)),
        "wireless": chance.random() < 0.5,
        "ports": chance.sample(["HDMI", "USB", "VGA"], chance.randint(0, 2)),
    }
    return product_snapshot(
        product_id,
        title=" ".join(chance.sample(WORDS, 3)),
        description=" ".join(chance.sample(WORDS, 2)),
        brand=chance.choice(BRANDS),
        category=chance.choice(TREE),
        price_minor=chance.choice([999, 1_000, 2_499, 2_500, 4_999, 7_777, 99_999, 2_000_000]),
        attributes={key: value for key, value in attributes.items() if chance.random() < 0.8},
        in_stock_store_ids=sorted(chance.sample(range(1, 5), chance.randint(0, 3))),
        deleted=chance.random() < 0.05,
    )


class Shelf(list[ProductSnapshot]):
    """The products, shown in few words when a test fails."""

    def __repr__(self) -> str:
        """Give the number."""
        return f"<{len(self)} products>"


@pytest.fixture(scope="session")
def shelf() -> list[ProductSnapshot]:
    """The products, deleted ones among them."""
    chance = random.Random(20)  # noqa: S311 - the same products each time
    return Shelf(_random_product(product_id, chance) for product_id in range(1, 401))
