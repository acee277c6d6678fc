"""Ids as types of their own, so that a product's id is never passed where a store's is meant."""

from typing import NewType
from uuid import UUID

ProductId = NewType("ProductId", int)
StoreId = NewType("StoreId", int)
CategoryId = NewType("CategoryId", int)
UserId = NewType("UserId", int)
OrderId = NewType("OrderId", UUID)
CartId = NewType("CartId", UUID)
CartItemId = NewType("CartItemId", int)
EventId = NewType("EventId", UUID)
PaymentId = NewType("PaymentId", UUID)
RefundId = NewType("RefundId", UUID)
ReturnId = NewType("ReturnId", UUID)
