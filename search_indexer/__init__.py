"""Everything that knows Elasticsearch: asking (query), writing (index). All of it can be rebuilt from Postgres."""
