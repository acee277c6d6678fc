"""Kafka: publishing with acknowledgement, the consumer runtime, topics and replay. Knows no topic's meaning.

Topic and group names are given and received without the installation's prefix; this package adds and removes
it.
"""
