"""Free attributes as plain strings, the same when indexed and when asked for; pure.

Lucene refuses a term over 32,766 bytes and Elasticsearch refuses the null character in a `flattened` field, so both
are made impossible here. A key and a value together stay under 4 × (KEY + VALUE) bytes.
"""

from collections.abc import Mapping
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
    if isinstance(value, str):
        text = value
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        text = str(int(value))
    elif isinstance(value, (int, float)):
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
        texts = _texts(value)
        if name in kept:  # two keys that are one without their outer blanks
            texts = list(dict.fromkeys([*kept[name], *texts]))
        kept[name] = texts[:MOST_VALUES]
    return {key: values for key, values in kept.items() if values}


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list):
        text = "" if value is None else attribute_text(value)
        return [text] if text else []
    texts = (attribute_text(one) for one in value[:MOST_VALUES] if one is not None)
    return [text for text in dict.fromkeys(texts) if text]
