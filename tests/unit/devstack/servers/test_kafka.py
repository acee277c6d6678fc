import struct
import uuid

from devstack.servers.kafka import cluster_id, count_brokers


def test_a_broker_that_does_not_answer_counts_as_none() -> None:
    assert count_brokers(b"") == 0


def test_the_number_of_brokers_is_read_from_the_answer() -> None:
    assert count_brokers(struct.pack(">iiih", 20, 7, 1, 0)) == 1
    assert count_brokers(struct.pack(">iii", 8, 7, 0)) == 0


def test_a_cluster_id_never_looks_like_an_option() -> None:
    drawn = iter([uuid.UUID(bytes=b"\xf8" + bytes(15)), uuid.UUID(bytes=bytes(16))])
    assert cluster_id(lambda: next(drawn)) == "A" * 22
