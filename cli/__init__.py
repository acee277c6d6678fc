"""The `aisle` command: one module per command group, no logic of its own."""
