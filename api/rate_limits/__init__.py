"""How often one client may ask: the GCRA, its Redis and in-process stores, and the scopes with their limits."""
