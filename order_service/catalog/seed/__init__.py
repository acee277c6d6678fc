"""The demonstration catalogue: made-up products, stores and stock, the same each time; used by `aisle seed`."""
