"""Tax rates and shipping methods of regions that no other test uses; the tariff is one for the whole database."""

import uuid

from schemas.countries import COUNTRIES

COUNTRY = "AQ"
"""Antarctica: no other test trades there, so that its rates disturb nobody."""

assert COUNTRY in COUNTRIES


def a_region() -> str:
    """Name a region of COUNTRY that nobody else uses."""
    return f"R-{uuid.uuid4().hex[:12]}".upper()
