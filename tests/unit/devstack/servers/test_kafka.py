import struct

from devstack.servers.kafka import count_brokers


def test_a_broker_that_does_not_answer_counts_as_none() -> None:
    assert count_brokers(b"") == 0


def test_the_number_of_brokers_is_read_from_the_answer() -> None:
    assert count_brokers(struct.pack(">iiih", 20, 7, 1, 0)) == 1
    assert count_brokers(struct.pack(">iii", 8, 7, 0)) == 0
