"""Marks of changed products on real Postgres and Kafka."""

import uuid
from collections.abc import Sequence

import msgspec
import pytest
from sqlalchemy import text

from messaging.errors import PublishFailed
from messaging.messages import OutgoingMessage
from messaging.publisher import Publisher
from order_service.actor import Actor
from order_service.catalog.categories import NewCategory, create_category
from order_service.catalog.mark_changed import mark_changed
from order_service.catalog.write_product import NewProduct, create_product, delete_product
from order_service.database.engine import Database
from order_service.relay.product_events import event_id, relay_products
from schemas.events.envelope import Envelope
from schemas.events.product_snapshot import PRODUCT_CHANGED, PRODUCT_DELETED, ProductSnapshot
from schemas.ids import ProductId
from schemas.settings import KafkaSettings
from tests.factories.kafka import read_all

pytestmark = pytest.mark.servers

TESTER = Actor("test", request_id="req-test")


class AwayBroker(Publisher):
    """A publisher whose broker never answers."""

    async def publish(self, messages: Sequence[OutgoingMessage]) -> None:
        raise PublishFailed(f"{len(messages)} not acknowledged")


async def drain(database: Database, publisher: Publisher) -> None:
    async with database.reads.connect() as connection:
        while await relay_products(connection, publisher, "USD"):
            pass


async def new_product(database: Database) -> ProductId:
    category = await create_category(database, NewCategory(name=f"Relayed {uuid.uuid4().hex[:8]}"), TESTER)
    product = await create_product(database, NewProduct(title="Kettle", price_minor=2499, category=category.id), TESTER)
    return ProductId(product.id)


async def marks_of(database: Database, product_id: ProductId) -> int:
    async with database.reads.connect() as connection:
        found = await connection.execute(
            text("SELECT count(*) FROM product_changes WHERE product_id = :id"), {"id": product_id}
        )
        return int(found.scalar_one())


async def test_a_hundred_changes_between_two_polls_are_one_event(database: Database, kafka: KafkaSettings) -> None:
    product_id = await new_product(database)
    async with Publisher(kafka) as publisher:
        await drain(database, publisher)
        async with database.writes.begin() as connection:
            for _ in range(100):
                versions = await mark_changed(connection, [product_id], "req-last")
        assert await marks_of(database, product_id) == 100
        await drain(database, publisher)
    mine = [each for each in await read_all(kafka, "product.v1") if each.key == str(product_id).encode()]
    snapshots = [msgspec.json.decode(each.value or b"", type=ProductSnapshot) for each in mine]
    assert [snapshot.version for snapshot in snapshots] == [1, versions[product_id]]
    envelope = Envelope.from_headers(mine[-1].headers)
    assert (envelope.type, envelope.subject) == (PRODUCT_CHANGED, str(product_id))
    assert (envelope.sequence, envelope.request_id) == (versions[product_id], "req-last")
    assert envelope.id == event_id(product_id, versions[product_id])
    assert await marks_of(database, product_id) == 0


async def test_marks_stay_until_the_broker_has_acknowledged(database: Database, kafka: KafkaSettings) -> None:
    product_id = await new_product(database)
    with pytest.raises(PublishFailed):
        await drain(database, AwayBroker(kafka))
    assert await marks_of(database, product_id) == 1
    async with Publisher(kafka) as publisher:
        await drain(database, publisher)
    assert await marks_of(database, product_id) == 0
    assert str(product_id).encode() in {each.key for each in await read_all(kafka, "product.v1")}


async def test_a_change_that_comes_while_publishing_keeps_its_mark(database: Database, kafka: KafkaSettings) -> None:
    product_id = await new_product(database)

    class Meanwhile(Publisher):
        async def publish(self, messages: Sequence[OutgoingMessage]) -> None:
            async with database.writes.begin() as connection:
                await mark_changed(connection, [product_id], None)
            await super().publish(messages)

    async with Meanwhile(kafka) as publisher, database.reads.connect() as connection:
        await relay_products(connection, publisher, "USD")
    assert await marks_of(database, product_id) == 1


async def test_a_deleted_product_is_told_with_its_last_state(database: Database, kafka: KafkaSettings) -> None:
    product_id = await new_product(database)
    await delete_product(database, product_id, TESTER)
    async with Publisher(kafka) as publisher:
        await drain(database, publisher)
    (mine,) = [each for each in await read_all(kafka, "product.v1") if each.key == str(product_id).encode()]
    snapshot = msgspec.json.decode(mine.value or b"", type=ProductSnapshot)
    assert (snapshot.deleted, snapshot.title) == (True, "Kettle")
    assert mine.headers["ce_type"] == PRODUCT_DELETED


async def test_a_mark_without_a_product_is_cleared(database: Database, kafka: KafkaSettings) -> None:
    nobody = ProductId(2**40)
    async with database.reads.connect() as connection:
        await connection.execute(text("INSERT INTO product_changes (product_id) VALUES (:id)"), {"id": nobody})
    async with Publisher(kafka) as publisher:
        await drain(database, publisher)
    assert await marks_of(database, nobody) == 0
