"""Orders: placing, reading and moving them along their states."""
