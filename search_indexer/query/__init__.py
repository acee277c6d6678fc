"""The asking side of search: requests, query building, facets, and the one module that talks to Elasticsearch."""
