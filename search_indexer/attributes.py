"""Free attributes as plain strings, the same when indexed and when asked for; pure.

Lucene refuses a term over 32,766 bytes and Elasticsearch refuses the null character in a `flattened` field, so both
are made impossible here. A key and a value together stay under 4 × (KEY + VALUE) bytes.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

LONGEST_KEY = 128
LONGEST_VALUE = 512
MOST_KEYS = 256
MOST_VALUES = 64


def attribute_key(key: str) -> str:
    """Cut a key to LONGEST_KEY characters, without null characters and outer blanks."""
    return key.replace("\0", "").strip()[:LONGEST_KEY]


def attribute_text(value: Any) -> str:
    """Write one value: 1.0 as "1", true as "true", anything nested as JSON, cut to LONGEST_VALUE characters."""
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        text = str(int(value))
    elif isinstance(value, (str, int, float)):
        text = str(value)
    else:
        text = msgspec.json.encode(value).decode()
    return text.replace("\0", "").strip()[:LONGEST_VALUE]


def normalized_attributes(attributes: Mapping[str, Any]) -> dict[str, list[str]]:
    """Give each key its distinct values; null, empty keys and values, and whatever is past the bounds are left out."""
    kept: dict[str, list[str]] = {}
    for key, value in attributes.items():
        name = attribute_key(key)
        if not name or (len(kept) == MOST_KEYS and name not in kept):
            continue
        values = kept.setdefault(name, [])
        values += [text for text in _texts(value) if text not in values]
        del values[MOST_VALUES:]
    return {key: values for key, values in kept.items() if values}


def _texts(value: Any) -> Iterator[str]:
    each = value if isinstance(value, list) else [value]
    texts = (attribute_text(one) for one in each[:MOST_VALUES] if one is not None)
    return (text for text in dict.fromkeys(texts) if text)
