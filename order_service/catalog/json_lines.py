"""Decodes one line of a JSON-lines file into a struct, with a reason for people; used by the imports."""

from typing import TypeVar

import msgspec

from order_service.catalog.import_report import BadLine

Decoded = TypeVar("Decoded")


def decode_line(decoder: msgspec.json.Decoder[Decoded], content: bytes) -> Decoded:
    """Decode the bytes of a line; raises BadLine for bad UTF-8, bad JSON, wrong types, too deep a nesting."""
    try:
        # msgspec skips what no field asks for without looking at its bytes: check the encoding first.
        return decoder.decode(content.decode())
    except msgspec.ValidationError as error:
        raise BadLine(_reason(str(error))) from error
    except UnicodeDecodeError as error:
        raise BadLine(f"not UTF-8 at byte {error.start + 1}") from error
    except msgspec.DecodeError as error:
        raise BadLine(f"not JSON: {error}") from error
    except RecursionError as error:
        raise BadLine("nested too deeply") from error


def _reason(message: str) -> str:
    """Put the field first: "Expected `str`, got `int` - at `$.title`" reads "title: expected str, got int"."""
    fault, _, path = message.replace("`", "").partition(" - at $")
    field = path.removeprefix(".")
    told = fault[:1].lower() + fault[1:]
    return f"{field}: {told}" if field else f"not a JSON object: {told}"
