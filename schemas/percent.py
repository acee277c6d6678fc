"""Percentages as decimal strings at the borders and as millionths inside; no rate is ever a float."""

import re

FORM = re.compile(r"(\d{1,3})(?:\.(\d{1,4}))?", re.ASCII)
WHOLE_PPM = 1_000_000


def to_ppm(percent: str) -> int:
    """Turn `8.875` into 88,750 millionths; raises ValueError unless it is 0 to 100 with at most four decimals."""
    match = FORM.fullmatch(percent)
    if not match:
        raise ValueError("not a percentage such as 21 or 8.875")
    ppm = int(match[1]) * 10_000 + int((match[2] or "").ljust(4, "0"))
    if ppm > WHOLE_PPM:
        raise ValueError("above 100 percent")
    return ppm


def to_percent(ppm: int) -> str:
    """Turn 88,750 into `8.875` and 210,000 into `21`."""
    whole, part = divmod(ppm, 10_000)
    return f"{whole}.{part:04}".rstrip("0") if part else str(whole)
