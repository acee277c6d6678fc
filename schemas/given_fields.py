"""The fields of a body of changes that were given; called by every use case and handler that changes a part."""

from typing import Any

import msgspec
from msgspec import UNSET


def given_fields(changes: msgspec.Struct) -> dict[str, Any]:
    """Map each field that is not UNSET to its value, nested structs as they are."""
    return {name: value for name, value in msgspec.structs.asdict(changes).items() if value is not UNSET}
