"""Every request that changes an order's money runs through here, once per idempotency key, whatever crashes in between.

1. One transaction claims the key, locks the order, decides, writes what is in flight, and stores under the key which
   rows those are. A refusal is stored instead.
2. Providers are asked (`settle_money`), with no transaction open.
3. One more transaction stores the outcome under the key, unless a provider still owes its answer.

A request that is repeated after a crash or a lost answer finds the rows of step 1 under its key and goes on
with step 2.
"""

from collections.abc import Awaitable, Callable

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.actor import Actor
from order_service.audit.trail import Deed, record
from order_service.database.engine import Database
from order_service.errors import Conflict, FieldFault, IdempotencyKeyReused, InvalidInput
from order_service.idempotency.claim_keys import IdempotencyKey, StoredOutcome, claim_keys, store_outcomes
from order_service.orders.money_plan import MoneyPlan
from order_service.orders.order import GoodsReturn, Order
from order_service.orders.order_changes import Change, locked_order
from order_service.orders.settle_money import follow_refunds, settle_order, write_plan
from order_service.payments.payment import IN_FLIGHT, Payment, Refund
from order_service.payments.providers import Providers
from order_service.unit_of_work import UnitOfWork, in_unit_of_work
from schemas.ids import OrderId, PaymentId, RefundId, ReturnId


class Started(msgspec.Struct, frozen=True, tag="started"):
    """The rows that a request wrote; providers may not have answered yet."""

    payments: list[PaymentId] = []
    refunds: list[RefundId] = []
    returned: ReturnId | None = None


class MoneyChanged(msgspec.Struct, frozen=True, tag="changed"):
    """The rows of a request as they stood when it was answered."""

    payments: list[Payment] = []
    refunds: list[Refund] = []
    returned: GoodsReturn | None = None
    replayed: bool = False

    @property
    def is_under_way(self) -> bool:
        """Whether a provider still owes an answer."""
        return any(payment.status in IN_FLIGHT for payment in self.payments) or any(
            refund.status == "PENDING" for refund in self.refunds
        )


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """The order's state forbids it; nothing was written."""

    faults: list[FieldFault] = []
    reason: str = ""


Outcome = Started | MoneyChanged | Refused


class Asked(msgspec.Struct, frozen=True):
    """Which order, by whom, in which request, under which key; `deed` goes on record with who of the staff did it."""

    order_id: OrderId
    change: Change
    idempotency: IdempotencyKey | None = None
    deed: tuple[Actor, Deed] | None = None


WriteReturn = Callable[[AsyncConnection, Order, GoodsReturn, Change], Awaitable[None]]


async def change_money(
    database: Database,
    providers: Providers,
    asked: Asked,
    plan: Callable[[Order], MoneyPlan],
    write_return: WriteReturn | None = None,
) -> MoneyChanged:
    """Write the plan, ask providers, and give the rows after it; commits.

    `plan` is given the order under its lock; `write_return` writes goods that come back with the money. Raises what
    `plan` raises (InvalidInput and Conflict are stored under the key), NotFound, IdempotencyKeyReused,
    IdempotencyInProgress, Unavailable. Blocks for providers' time-outs.
    """

    async def work(unit: UnitOfWork) -> Outcome:
        return await _begin(unit, asked, plan, write_return)

    begun = await in_unit_of_work(database, work)
    if isinstance(begun, Refused):
        raise InvalidInput(begun.faults) if begun.faults else Conflict(begun.reason)
    if isinstance(begun, MoneyChanged):
        return msgspec.structs.replace(begun, replayed=True)
    order = await settle_order(database, providers, asked.order_id, asked.change)
    changed = _rows_of(order, begun)
    if asked.idempotency and not changed.is_under_way:
        await _store(database, asked.idempotency, changed)
    return changed


async def _begin(
    unit: UnitOfWork, asked: Asked, plan: Callable[[Order], MoneyPlan], write_return: WriteReturn | None
) -> Outcome:
    key = asked.idempotency
    stored = await claim_keys(unit.connection, [key]) if key else {}
    if key and key.name in stored:
        return _replay(key, stored[key.name])
    order = await locked_order(unit.connection, asked.order_id)
    outcome: Outcome
    try:
        planned = plan(order)
    except InvalidInput as refusal:
        outcome = Refused(faults=refusal.faults)
    except Conflict as refusal:
        outcome = Refused(reason=refusal.reason)
    else:
        await _write(unit.connection, order, planned, asked, write_return)
        outcome = _started(planned)
    if key:
        await store_outcomes(unit.connection, {key.name: msgspec.json.encode(outcome).decode()})
    return outcome


async def _write(
    connection: AsyncConnection, order: Order, planned: MoneyPlan, asked: Asked, write_return: WriteReturn | None
) -> None:
    if planned.returned and write_return:
        await write_return(connection, order, planned.returned, asked.change)
    await write_plan(connection, planned)
    by_hand = [refund for refund in planned.refunds if refund.status == "SUCCEEDED"]
    if by_hand:
        await follow_refunds(connection, order, by_hand, asked.change)
    if asked.deed:
        await record(connection, *asked.deed)


def _replay(key: IdempotencyKey, before: StoredOutcome) -> Outcome:
    if before.fingerprint != key.fingerprint:
        raise IdempotencyKeyReused
    outcome: Outcome = msgspec.json.decode(before.outcome, type=Outcome)
    return outcome


def _started(plan: MoneyPlan) -> Started:
    return Started(
        payments=[payment.id for payment in (*plan.payments, *plan.changed)],
        refunds=[refund.id for refund in plan.refunds],
        returned=plan.returned.id if plan.returned else None,
    )


def _rows_of(order: Order, begun: Started) -> MoneyChanged:
    return MoneyChanged(
        payments=[payment for payment in order.payments if payment.id in begun.payments],
        refunds=[refund for refund in order.refunds if refund.id in begun.refunds],
        returned=next((each for each in order.returns if each.id == begun.returned), None),
    )


async def _store(database: Database, key: IdempotencyKey, changed: MoneyChanged) -> None:
    """Store the outcome, unless another request with the key, which went on from the same rows, was sooner."""

    async def work(unit: UnitOfWork) -> None:
        stored = await claim_keys(unit.connection, [key])
        if key.name not in stored or isinstance(_replay(key, stored[key.name]), Started):
            await store_outcomes(unit.connection, {key.name: msgspec.json.encode(changed).decode()})

    await in_unit_of_work(database, work)
