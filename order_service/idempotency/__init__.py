"""Idempotency keys: one effect for one key, whatever the network does."""
