"""Stock levels per store and product, and the append-only ledger that explains every one of them."""
