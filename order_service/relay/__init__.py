"""Moves what was committed to Kafka: outbox rows and the current state of products that changed."""
