"""Every event type with its topic and the struct of its data; read by the reference's test and by consumers' tests."""

import msgspec

from schemas.events.order_events import TYPE_OF_STATUS, TYPES_WITHOUT_MOVE, OrderEvent
from schemas.events.product_snapshot import PRODUCT_CHANGED, PRODUCT_DELETED, ProductSnapshot
from schemas.events.topics import ORDER, PRODUCT, Topic

EVENTS: dict[str, tuple[Topic, type[msgspec.Struct]]] = {
    PRODUCT_CHANGED: (PRODUCT, ProductSnapshot),
    PRODUCT_DELETED: (PRODUCT, ProductSnapshot),
    **dict.fromkeys((*TYPE_OF_STATUS.values(), *TYPES_WITHOUT_MOVE), (ORDER, OrderEvent)),
}
