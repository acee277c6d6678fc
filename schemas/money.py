"""Money as integer minor units with a currency, and its decimal form at the borders.

Exponents: ISO 4217 list one (amendment 177); a currency that is not listed is refused rather than guessed.
"""

from decimal import Decimal, InvalidOperation
from typing import NewType

MinorUnits = NewType("MinorUnits", int)

ZERO_DECIMAL = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
THREE_DECIMAL = "BHD IQD JOD KWD LYD OMR TND"
TWO_DECIMAL = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP "
    "CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS "
    "INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN "
    "MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE "
    "SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW ZWG"
)
CURRENCY_EXPONENTS: dict[str, int] = {
    **dict.fromkeys(TWO_DECIMAL.split(), 2),
    **dict.fromkeys(ZERO_DECIMAL.split(), 0),
    **dict.fromkeys(THREE_DECIMAL.split(), 3),
}

MAX_MINOR_UNITS = 10**13
"""Bound of a price or a total: far above trade, far below a Postgres bigint even when summed over 100 lines."""


def parse_amount(raw: str) -> str:
    """Return a plain non-negative decimal as it stands; raises ValueError for anything else (`NaN`, `1e9`, signs)."""
    whole, _, fraction = raw.partition(".")
    digits = whole + fraction
    if not (whole and digits.isascii() and digits.isdigit()) or raw.endswith(".") or len(raw) > 20:  # noqa: PLR2004 - longer than any bounded amount
        raise ValueError("not a plain decimal amount such as 12.50")
    return raw


def to_minor_units(amount: str, currency: str) -> MinorUnits:
    """Turn `12.5` into 1250 for a currency of two decimals.

    Raises ValueError when the amount is not a plain decimal, has more decimals than the currency,
    or exceeds MAX_MINOR_UNITS; KeyError is never raised for a currency of CURRENCY_EXPONENTS.
    """
    try:
        scaled = Decimal(parse_amount(amount)).scaleb(CURRENCY_EXPONENTS[currency])
    except InvalidOperation as error:  # pragma: no cover - parse_amount lets no such text through
        raise ValueError("not a decimal amount") from error
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{currency} has {CURRENCY_EXPONENTS[currency]} decimals at most")
    if scaled > MAX_MINOR_UNITS:
        raise ValueError("too large")
    return MinorUnits(int(scaled))


def to_amount(minor_units: int, currency: str) -> str:
    """Turn 1250 into `12.50` for a currency of two decimals, into `1250` for one of none."""
    exponent = CURRENCY_EXPONENTS[currency]
    if exponent == 0:
        return str(minor_units)
    sign, digits = ("-" if minor_units < 0 else ""), str(abs(minor_units)).rjust(exponent + 1, "0")
    return f"{sign}{digits[:-exponent]}.{digits[-exponent:]}"
