"""The truth in Postgres: catalogue, accounts, stock, orders, and the outbox that tells everyone else."""
