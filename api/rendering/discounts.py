"""Renders discount codes for staff; called by their handler."""

import msgspec

from order_service.pricing.discount_codes import DiscountCode
from schemas.http_api.discounts import DiscountBody
from schemas.money import to_amount
from schemas.percent import to_percent


def discount_body(code: DiscountCode, currency: str) -> DiscountBody:
    """Render one code."""
    is_percent = code.kind == "percent"
    return DiscountBody(
        id=code.id,
        code=code.code,
        percent=to_percent(code.ppm) if is_percent else None,
        amount=None if is_percent else to_amount(code.amount_minor, currency),
        currency=currency,
        product_ids=None if code.product_ids is None else [int(each) for each in code.product_ids],
        min_items_total=to_amount(code.min_items_minor, currency),
        valid_from=code.valid_from,
        valid_until=code.valid_until,
        max_uses=code.max_uses,
        max_uses_per_customer=code.max_uses_per_customer,
        uses=code.uses,
        is_active=code.is_active,
        **msgspec.structs.asdict(code.record),
    )
