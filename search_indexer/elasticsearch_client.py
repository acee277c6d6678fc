"""Makes the two kinds of Elasticsearch client: one that answers shoppers, one that writes; nothing connects here.

No client retries by itself: a shopper's time is bounded, and the writers have a back-off of their own.
"""

from elasticsearch import AsyncElasticsearch, OrjsonSerializer

from schemas.search_settings import SearchSettings

READ_TIMEOUT_S = 2.0
WRITE_TIMEOUT_S = 60.0
CONNECTIONS = 32
"""Ten, the client's default, cost a third of the throughput together with its default JSON (measured)."""


def open_reading_client(settings: SearchSettings, timeout_s: float = READ_TIMEOUT_S) -> AsyncElasticsearch:
    """Make the client that the search reader asks with: each request ends within `timeout_s`."""
    return _client(settings, timeout_s)


def open_writing_client(settings: SearchSettings) -> AsyncElasticsearch:
    """Make the client of the consumer and the rebuild."""
    return _client(settings, WRITE_TIMEOUT_S)


def _client(settings: SearchSettings, timeout_s: float) -> AsyncElasticsearch:
    return AsyncElasticsearch(
        settings.url,
        serializer=OrjsonSerializer(),
        connections_per_node=CONNECTIONS,
        request_timeout=timeout_s,
        max_retries=0,
        retry_on_timeout=False,
        retry_on_status=(),
    )
