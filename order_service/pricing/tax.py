"""Tax of one amount at one rate, in whole minor units; called by the totals. Pure.

A rate counts millionths (210,000 is 21 %). Every share is rounded half up, once per line: the way in which an invoice
that shows a tax amount per line has to be rounded to add up.
"""

import msgspec

MILLION = 1_000_000


class Rate(msgspec.Struct, frozen=True):
    """How many millionths of a net amount are due, and what the tax is called."""

    name: str = ""
    ppm: int = 0


UNTAXED = Rate()


def share_of(amount_minor: int, ppm: int) -> int:
    """Give so many millionths of a non-negative amount, rounded half up."""
    return _divided(amount_minor * ppm, MILLION)


def tax_of(amount_minor: int, ppm: int, *, included: bool) -> int:
    """Give the tax that comes on top of a net amount or, `included`, the tax that a gross amount holds."""
    return _divided(amount_minor * ppm, MILLION + ppm) if included else share_of(amount_minor, ppm)


def _divided(dividend: int, divisor: int) -> int:
    """Divide non-negative whole numbers, rounded half up."""
    return (2 * dividend + divisor) // (2 * divisor)
