"""Turns what a client sent into typed values, naming every fault: bodies, parameters, header fields."""
