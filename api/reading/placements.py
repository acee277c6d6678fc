"""Turns order bodies of either shape into what the placement takes; called by the order handlers."""

from typing import Any

import msgspec
from msgspec import UNSET

from order_service.accounts.postal_address import normalised_address
from order_service.errors import FieldFault, InvalidInput
from order_service.orders.placement import LineRequest, PlacementRequest
from schemas.http_api.carts import CheckoutRequest
from schemas.http_api.orders import Address, EarlierOrderLineRequest, EarlierOrderRequest, OrderRequest
from schemas.ids import ProductId, StoreId


def placement_of(body: OrderRequest) -> PlacementRequest:
    """Read the present shape; raises InvalidInput unless it has either `items` or one product and quantity."""
    return PlacementRequest(
        lines=_lines(body),
        store_id=None if body.store_id is None else StoreId(body.store_id),
        **_beside_lines(body),
        allocation=body.allocation,
    )


def checkout_of(body: CheckoutRequest) -> PlacementRequest:
    """Read what an order needs beside the cart, which the handler names."""
    return PlacementRequest(
        lines=(),
        **_beside_lines(body),
        accept_price_changes=body.accept_price_changes,
    )


def earlier_placement_of(body: EarlierOrderRequest) -> PlacementRequest:
    """Read the earlier shape; raises InvalidInput for a line without exactly one quantity."""
    faults = [
        FieldFault(f"items[{position}].quantity_requested", "is required, or quantity instead of it")
        for position, line in enumerate(body.items)
        if (line.quantity_requested is UNSET) == (line.quantity is UNSET)
    ]
    if faults:
        raise InvalidInput(faults)
    return PlacementRequest(
        lines=tuple(LineRequest(ProductId(line.product_id), _quantity(line)) for line in body.items),
        store_id=None if body.store_id is None else StoreId(body.store_id),
        email=body.email,
    )


def _beside_lines(body: OrderRequest | CheckoutRequest) -> dict[str, Any]:
    return {
        "email": body.email,
        "note": body.note,
        "shipping_address": _address(body.shipping_address),
        "billing_address": _address(body.billing_address),
        "shipping_method": body.shipping_method,
        "discount_code": body.discount_code,
    }


def _lines(body: OrderRequest) -> tuple[LineRequest, ...]:
    if body.items is not UNSET:
        beside = [name for name in ("product_id", "quantity") if getattr(body, name) is not UNSET]
        if beside:
            raise InvalidInput([FieldFault(name, "cannot be given beside items") for name in beside])
        return tuple(LineRequest(ProductId(line.product_id), line.quantity) for line in body.items)
    if body.product_id is UNSET and body.quantity is UNSET:
        raise InvalidInput([FieldFault("items", "is required")])
    if body.product_id is UNSET or body.quantity is UNSET:
        missing = "product_id" if body.product_id is UNSET else "quantity"
        raise InvalidInput([FieldFault(missing, "is required")])
    return (LineRequest(ProductId(body.product_id), body.quantity),)


def _quantity(line: EarlierOrderLineRequest) -> int:
    return line.quantity if line.quantity_requested is UNSET else line.quantity_requested  # type: ignore[return-value]  # one of them is given


def _address(address: Address | None) -> dict[str, Any] | None:
    return None if address is None else normalised_address(msgspec.to_builtins(address))
