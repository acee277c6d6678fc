"""`aisle import products` of a feed of the documented size beside a bare COPY of the same lines, in the same run.

The feed is made here, as large and as varied as the catalogue that the goals are stated for: 19,406 lines of about
800 bytes in 224 categories. The import's times are those of the whole command, as a merchant sees them.
"""

import gzip
import json
import os
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from benchmarks.rows import Goal, Row
from tests.factories.fresh_database import fresh_database
from tests.factories.processes import run_aisle

NAME = "import"

LINES = 19_406
FIRST_S, REPEATED_S = 30, 15
CATEGORIES, DEPARTMENTS, BRANDS, KEYS = 224, 15, 161, 400
ATTRIBUTES = 11
WORDS = ("adjustable", "black", "compact", "cordless", "digital", "flexible", "graphite", "indoor", "modular")


def run() -> list[Row]:
    """Import, import again and copy; takes about 10 seconds."""
    with tempfile.TemporaryDirectory() as folder, fresh_database(os.environ["DATABASE_URL"]) as url:
        feed = Path(folder) / "feed.jsonl.gz"
        feed.write_bytes(gzip.compress(b"".join(feed_lines(LINES)), 6))
        first, again = imported(url, feed, f"{LINES} created, 0 changed, 0"), imported(url, feed, f"{LINES} unchanged")
        copied = copied_s(url, feed)
    name = "COPY into a bare table"
    claim = f"aisle import products, {LINES:,} lines"
    return [
        Row(f"{claim}, all new", first, copied, name, "s", Goal(FIRST_S, of="figure", at_least=False)),
        Row(f"{claim}, nothing new", again, copied, name, "s", Goal(REPEATED_S, of="figure", at_least=False)),
    ]


def imported(url: str, feed: Path, told: str) -> float:
    """Run the command on this database and give its seconds; raises RuntimeError when it tells something else."""
    started = time.monotonic()
    output = run_aisle({"DATABASE_URL": url}, "import", "products", str(feed))
    took = time.monotonic() - started
    if told not in output:
        raise RuntimeError(f"the import said {output!r}")
    return took


def copied_s(url: str, feed: Path) -> float:
    """Unpack the feed into a table of one text column without index, committed; gives the seconds."""
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE copied_lines (line text)")
        connection.commit()
        started = time.monotonic()
        with gzip.open(feed, "rb") as lines, connection.cursor().copy("COPY copied_lines FROM STDIN") as copy:
            for line in lines:
                copy.write_row((line.decode(),))
        connection.commit()
        return time.monotonic() - started


def feed_lines(count: int) -> Iterator[bytes]:
    """Make the lines, the same each time."""
    generator = random.Random(19_406)  # noqa: S311 - made-up goods, not a secret
    for number in range(1, count + 1):
        yield json.dumps(_fields(generator, number)).encode() + b"\n"


def _fields(generator: random.Random, number: int) -> dict[str, object]:
    category = generator.randrange(CATEGORIES)
    keys = generator.sample(range(KEYS), ATTRIBUTES)
    return {
        "id": str(100_000 + number),
        "title": f"{_words(generator, 7)} {number}",
        "description": _words(generator, 7),
        "brand": f"Brand {generator.randrange(BRANDS)}",
        "product_type": f"Department {category % DEPARTMENTS} > Category {category}",
        "price": f"{generator.randrange(100, 100_000) / 100:.2f} USD",
        "gtin": f"{number:013}",
        "mpn": f"MPN-{number}",
        "image_link": f"https://images.example.com/gallery_mediums/{number}_{generator.randrange(10**10)}.jpg",
        "attributes": {f"measured_attribute_{key}": generator.choice(WORDS) for key in keys},
    }


def _words(generator: random.Random, count: int) -> str:
    return " ".join(generator.choices(WORDS, k=count))
