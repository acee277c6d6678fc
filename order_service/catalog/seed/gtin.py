"""Makes article numbers with their check digit; used for the seed's products. Pure."""

IN_STORE_PREFIX = "20"
"""GS1 keeps 020-029 and 200-299 for numbers that are only valid inside one company, so ours are nobody else's."""


def check_digit(digits: str) -> int:
    """Compute the check digit: weights 3 and 1 from the right, up to the next ten (GS1 General Specifications 7.9)."""
    weighted = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return -weighted % 10


def gtin13(number: int) -> str:
    """Make the GTIN-13 of the in-store range for a number below ten thousand million."""
    digits = f"{IN_STORE_PREFIX}{number:010d}"
    return f"{digits}{check_digit(digits)}"
