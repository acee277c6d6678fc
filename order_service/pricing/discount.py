"""What a discount code takes off each line; called by the totals. Pure."""

from collections.abc import Sequence

import msgspec

from order_service.pricing.tax import share_of
from schemas.ids import ProductId


class Discount(msgspec.Struct, frozen=True):
    """So many millionths of each line, or a fixed amount over all of them; of the named products, or of everything."""

    code: str
    kind: str
    ppm: int = 0
    amount_minor: int = 0
    product_ids: list[ProductId] | None = None
    min_items_minor: int = 0


class DiscountedItem(msgspec.Struct, frozen=True):
    """A line as far as a discount looks at it."""

    product_id: ProductId
    total_minor: int


def line_discounts(discount: Discount, items: Sequence[DiscountedItem]) -> list[int]:
    """Give what comes off each line, in minor units; never more than the line.

    A percentage is rounded half up per line. A fixed amount is spread over the lines by their worth, so that the parts
    add up to it exactly; what exceeds the lines is lost.
    """
    weights = [item.total_minor if _applies(discount, item) else 0 for item in items]
    if discount.kind == "percent":
        return [share_of(weight, discount.ppm) for weight in weights]
    return spread(min(discount.amount_minor, sum(weights)), weights)


def applies_to_any(discount: Discount, items: Sequence[DiscountedItem]) -> bool:
    """Whether there is a line that it takes something off."""
    return any(_applies(discount, item) for item in items)


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """Share a whole amount out in proportion to non-negative weights, by largest remainder (Hamilton's method).

    The parts add up to the amount, and none exceeds its weight as long as the amount does not exceed their sum.
    """
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    parts = [amount * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda at: (-(amount * weights[at] % whole), at))
    for at in by_remainder[: amount - sum(parts)]:
        parts[at] += 1
    return parts


def _applies(discount: Discount, item: DiscountedItem) -> bool:
    return discount.product_ids is None or item.product_id in discount.product_ids
