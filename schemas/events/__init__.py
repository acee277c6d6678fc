"""Everything that travels over Kafka: the envelope, the topics and one struct per event type."""
