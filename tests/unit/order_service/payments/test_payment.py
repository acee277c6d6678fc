"""What answers of a provider make of payments and refunds, in whatever order they come."""

from typing import get_args

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from order_service.payments.payment import (
    FOLLOWERS,
    PaymentAnswer,
    PaymentStatus,
    RefundAnswer,
    payment_after,
    refund_after,
    shares,
)
from tests.factories.payments import a_payment, a_refund

PENDING = a_payment()
REFUND = a_refund(PENDING)
statuses = st.sampled_from(get_args(PaymentStatus))
answers = st.lists(
    st.builds(PaymentAnswer, status=statuses, reference=st.sampled_from([None, "a", "b"]), captured_minor=st.just(1000))
)


@given(answers)
def test_once_captured_a_payment_stays_captured_with_its_first_reference(told: list[PaymentAnswer]) -> None:
    payment = PENDING
    for answer in told:
        before, payment = payment, payment_after(payment, answer)
        assert payment.status == before.status or payment.status in FOLLOWERS[before.status]
        assert (payment.status == "CAPTURED") == (payment.captured_minor > 0)
        assert before.reference in {None, payment.reference}
        assert before.status != "CAPTURED" or payment.status == "CAPTURED"


@given(answers)
def test_saying_everything_twice_makes_no_difference_to_the_last_word(told: list[PaymentAnswer]) -> None:
    once = twice = PENDING
    for answer in told:
        once = payment_after(once, answer)
        twice = payment_after(payment_after(twice, answer), answer)
    assert once == twice


def test_no_more_is_entered_as_captured_than_was_asked_for() -> None:
    assert payment_after(PENDING, PaymentAnswer("CAPTURED", captured_minor=5000)).captured_minor == 1000


def test_a_refund_that_went_through_can_still_come_back_and_then_is_over() -> None:
    done = refund_after(REFUND, RefundAnswer("SUCCEEDED", "re"))
    assert (done.status, done.reference) == ("SUCCEEDED", "re")
    assert refund_after(done, RefundAnswer("PENDING")) == done
    failed = refund_after(done, RefundAnswer("FAILED", failure="account closed"))
    assert (failed.status, failed.failure) == ("FAILED", "account closed")
    assert refund_after(failed, RefundAnswer("SUCCEEDED")) == failed


@given(st.lists(st.tuples(st.integers(1, 500), st.integers(0, 500))), st.data())
def test_shares_add_up_and_take_no_more_than_each_payment_holds(
    held: list[tuple[int, int]], data: st.DataObject
) -> None:
    payments = [
        msgspec.structs.replace(PENDING, captured_minor=captured, refunded_minor=min(captured, refunded))
        for captured, refunded in held
    ]
    most = sum(payment.refundable_minor for payment in payments)
    amount = data.draw(st.integers(0, most))
    parts = shares(payments, amount)
    assert sum(part for _, part in parts) == amount
    assert all(0 < part <= payment.refundable_minor for payment, part in parts)
