"""One module per claim in the README's performance table; `make bench` runs them all and prints one table.

A module states `NAME` and has `run() -> list[Row]`, which measures the claim and its reference in the same run on the
same machine: the ratio is what counts, the figures beside it say where it came from. Nothing here is a test. Modules
may use `tests.factories`, since neither package is shipped.
"""
