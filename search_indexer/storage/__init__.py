"""What search keeps or asks in Postgres; the only part of search_indexer that speaks SQL."""
