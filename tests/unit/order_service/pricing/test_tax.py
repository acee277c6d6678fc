"""Tax of one amount, held to exact fractions."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from order_service.pricing.tax import MILLION, share_of, tax_of

AMOUNTS = st.integers(0, 10**15)
RATES = st.integers(0, MILLION)
HALF = Fraction(1, 2)


@given(AMOUNTS, RATES)
def test_added_tax_is_the_exact_share_rounded_half_up(amount: int, ppm: int) -> None:
    exact = Fraction(amount * ppm, MILLION)
    assert exact - HALF < tax_of(amount, ppm, included=False) <= exact + HALF


@given(AMOUNTS, RATES)
def test_included_tax_and_the_rest_make_up_the_gross_amount(gross: int, ppm: int) -> None:
    tax = tax_of(gross, ppm, included=True)
    exact = Fraction(gross * ppm, MILLION + ppm)
    assert exact - HALF < tax <= exact + HALF
    assert 0 <= tax <= gross


def test_a_half_is_rounded_up() -> None:
    assert share_of(250, 10_000) == 3  # 2.5
    assert share_of(249, 10_000) == 2


@given(AMOUNTS, RATES)
def test_a_net_amount_made_gross_holds_the_tax_that_was_added(net: int, ppm: int) -> None:
    tax = tax_of(net, ppm, included=False)
    assert abs(tax_of(net + tax, ppm, included=True) - tax) <= 1
