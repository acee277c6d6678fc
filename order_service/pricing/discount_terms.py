"""Who may use a discount code, when and how often: judged over locked rows while orders are decided. Pure."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from order_service.pricing.discount import Discount, DiscountedItem, applies_to_any
from schemas.ids import UserId
from schemas.money import to_amount

MAX_CODE = 50


class DiscountTerms(msgspec.Struct, frozen=True):
    """The window in which a code is valid and how often it may be used; None is no bound."""

    is_active: bool = True
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    max_uses: int | None = None
    max_uses_per_customer: int | None = None


class LockedDiscount:
    """One code whose row is locked; its uses run up as orders of the batch are confirmed."""

    def __init__(
        self, discount_id: int, discount: Discount, terms: DiscountTerms, uses: int, used_by: dict[str, int]
    ) -> None:
        self.id = discount_id
        self.discount = discount
        self.terms = terms
        self.uses = uses
        self.used_by = used_by

    def refusal(self, customer: str, items: Sequence[DiscountedItem], now: datetime, currency: str) -> str | None:
        """Say why the code does not hold for this order; None when it does."""
        return self._invalid(now) or self._used_up(customer) or _does_not_apply(self.discount, items, currency)

    def take(self, customer: str) -> None:
        """Count a use."""
        self.uses += 1
        self.used_by[customer] = self.used_by.get(customer, 0) + 1

    def _invalid(self, now: datetime) -> str | None:
        terms = self.terms
        if not terms.is_active or (terms.valid_until is not None and now >= terms.valid_until):
            return "is no longer valid"
        if terms.valid_from is not None and now < terms.valid_from:
            return "is not valid yet"
        return None

    def _used_up(self, customer: str) -> str | None:
        terms = self.terms
        if terms.max_uses is not None and self.uses >= terms.max_uses:
            return "is used up"
        if terms.max_uses_per_customer is None:
            return None
        if not customer:
            return "needs an account or an e-mail address, because uses per customer are limited"
        if self.used_by.get(customer, 0) >= terms.max_uses_per_customer:
            return "was used as often as one customer may"
        return None


def _does_not_apply(discount: Discount, items: Sequence[DiscountedItem], currency: str) -> str | None:
    if not applies_to_any(discount, items):
        return "applies to nothing in this order"
    if sum(item.total_minor for item in items) < discount.min_items_minor:
        return f"needs items of at least {to_amount(discount.min_items_minor, currency)} {currency}"
    return None


def normal_code(code: str) -> str:
    """Give the code as it is stored: letter case and blanks around it do not matter."""
    return code.strip().upper()


def customer_name(user_id: UserId | None, email: str | None) -> str:
    """Name who uses a code: the account, else the e-mail address; empty for a guest who gave none."""
    if user_id is not None:
        return f"user:{user_id}"
    return f"email:{email.strip().lower()}" if email else ""
