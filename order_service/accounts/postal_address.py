"""What a postal address may hold; asked by the address book and by placements. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from order_service.errors import FieldFault
from schemas.countries import COUNTRIES

BOUNDS = {
    "name": 200, "line1": 200, "line2": 200, "city": 100, "region": 100, "postal_code": 20, "country": 2, "phone": 32,
}  # fmt: skip
"""Longest value of each field, in characters."""

REQUIRED = ("name", "line1", "city", "country")
CONTROL = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode's control characters, lone surrogates, line and paragraph ends; joiners are part of Hindi names."""

PHONE = re.compile(r"\+?[0-9][0-9 ().-]{3,30}")


def normalised_address(address: Mapping[str, str]) -> dict[str, str]:
    """Make every run of blanks one space, write the country in capitals, and leave out what is empty.

    Blanks of every script and line ends count: addresses are pasted, and Japanese ones have the wide space.
    """
    trimmed = {name: " ".join(value.split()) for name, value in address.items()}
    if "country" in trimmed:
        trimmed["country"] = trimmed["country"].upper()
    return {name: value for name, value in trimmed.items() if value}


def address_faults(address: Mapping[str, Any], path: str = "") -> list[FieldFault]:
    """List every faulty field of a normalised address; `path` stands before the names (`shipping_address.`)."""
    faults = [FieldFault(path + name, "is required") for name in REQUIRED if not address.get(name)]
    for name, bound in BOUNDS.items():
        value = address.get(name) or ""
        if len(value) > bound or any(unicodedata.category(each) in CONTROL for each in value):
            faults.append(FieldFault(path + name, f"takes at most {bound} characters and no control characters"))
    if address.get("country") and address["country"] not in COUNTRIES:
        faults.append(FieldFault(f"{path}country", "is not an ISO 3166-1 alpha-2 code such as LT"))
    if address.get("phone") and not PHONE.fullmatch(address["phone"]):
        faults.append(FieldFault(f"{path}phone", "is not a telephone number such as +370 600 00000"))
    return faults
