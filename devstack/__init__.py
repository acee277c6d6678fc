"""Starts the real servers and Aisle's processes on this machine without Docker (`python -m devstack`).

People reach it through the Makefile; tests that need a stack of their own use `devstack.stack.Stack`.
It imports nothing of the other project packages: it starts them as processes.
"""
