"""Engines, tables and migrations; the only place that knows how Postgres is reached."""
