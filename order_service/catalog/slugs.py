"""Makes the slugs of categories from their names; called where categories are written.

Pure. A slug is lower-case ASCII words joined by hyphens, never only digits, so that none is taken for an id.
"""

import re
import unicodedata
from collections.abc import Container
from itertools import count

MAX_SLUG = 100
FALLBACK = "category"
SLUG_FORM = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def slug_of(name: str) -> str:
    """Fold a name to a slug; one without any ASCII form becomes `category`."""
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = "-".join(re.findall(r"[a-z0-9]+", folded))[:MAX_SLUG].strip("-")
    if not slug:
        return FALLBACK
    return f"{FALLBACK}-{slug}" if slug.isdigit() else slug


def unique_slug(name: str, parent_slug: str | None, taken: Container[str]) -> str:
    """Make a slug that is not taken: the name's, else with the parent's behind it, else with a number too."""
    slug = slug_of(name)
    if slug not in taken:
        return slug
    stem = f"{slug}-{parent_slug}"[: 2 * MAX_SLUG] if parent_slug else slug
    if stem not in taken:
        return stem
    return next(numbered for n in count(2) if (numbered := f"{stem}-{n}") not in taken)


def is_slug(text: str) -> bool:
    """Whether a slug that somebody chose has the form of ours."""
    return len(text) <= 2 * MAX_SLUG and SLUG_FORM.fullmatch(text) is not None and not text.isdigit()
