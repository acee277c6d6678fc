"""Turns what the use cases return into the bodies of answers; pure."""
