"""What an order comes to, over any lines, discounts and rates."""

from hypothesis import given
from hypothesis import strategies as st

from order_service.pricing.tax import Rate, tax_of
from order_service.pricing.totals import Charge, Taxed, TaxLine, add_up, tax_lines

RATES = st.sampled_from([Rate(), Rate("VAT", 210_000), Rate("Books", 50_000), Rate("Zero", 0), Rate("City", 88_750)])


@st.composite
def charges(draw: st.DrawFn) -> Charge:
    """Draw a line, discounted by any part of it."""
    amount = draw(st.integers(0, 10**12))
    return Charge(amount, draw(st.integers(0, amount)), draw(RATES))


LINES = st.lists(charges(), min_size=1, max_size=20)
SHIPPING = st.builds(Charge, st.integers(0, 10**6), rate=RATES)


@given(lines=LINES, shipping=SHIPPING, included=st.booleans())
def test_a_total_is_items_less_discount_and_shipping_and_tax_unless_that_is_included(
    *, lines: list[Charge], shipping: Charge, included: bool
) -> None:
    totals = add_up(lines, shipping, prices_include_tax=included)
    after = sum(line.amount_minor - line.discount_minor for line in lines)
    assert totals.after_discount_minor == after
    assert totals.total_minor == after + shipping.amount_minor + (0 if included else totals.tax_minor)
    assert totals.total_minor >= totals.after_discount_minor >= 0
    assert totals.tax_minor <= totals.total_minor


@given(lines=LINES, shipping=SHIPPING, included=st.booleans())
def test_the_tax_is_the_sum_of_what_each_line_and_the_shipping_show(
    *, lines: list[Charge], shipping: Charge, included: bool
) -> None:
    totals = add_up(lines, shipping, prices_include_tax=included)
    shown = [
        tax_of(each.amount_minor - each.discount_minor, each.rate.ppm, included=included) for each in [*lines, shipping]
    ]
    assert (totals.tax_minor, totals.shipping_tax.minor) == (sum(shown), shown[-1])


@given(lines=LINES, shipping=SHIPPING, included=st.booleans())
def test_tax_lines_hold_all_tax_and_every_taxed_amount_once(
    *, lines: list[Charge], shipping: Charge, included: bool
) -> None:
    totals = add_up(lines, shipping, prices_include_tax=included)
    taxed = [
        Taxed(
            each.rate.name,
            each.rate.ppm,
            each.amount_minor - each.discount_minor,
            each.tax_minor(included=included),
        )
        for each in [*lines, shipping]
    ]
    summed = tax_lines(taxed, prices_include_tax=included)
    assert sum(line.tax_minor for line in summed) == totals.tax_minor
    untaxed = sum(each.amount_minor for each in taxed if not each.name)
    assert sum(line.taxable_minor + line.tax_minor for line in summed) + untaxed == totals.total_minor
    assert len({(line.name, line.ppm) for line in summed}) == len(summed)


def test_rates_stand_highest_first_and_a_zero_rate_is_shown() -> None:
    taxed = [Taxed("Zero", 0, 100, 0), Taxed("VAT", 210_000, 121, 21), Taxed("", 0, 50, 0)]
    assert tax_lines(taxed, prices_include_tax=True) == [TaxLine("VAT", 210_000, 100, 21), TaxLine("Zero", 0, 100, 0)]
