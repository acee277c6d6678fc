"""Logging, request ids and metrics for every process; imports nothing of ours."""
