"""Shows a process's metrics to Prometheus on a port of its own; for processes that answer no other HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, start_http_server


@contextmanager
def metrics_served(registry: CollectorRegistry, address: str, port: int) -> Iterator[None]:
    """Answer on the port, in a thread, for as long as the block lasts; port 0 serves nothing. Raises OSError."""
    if not port:
        yield
        return
    server, thread = start_http_server(port, address, registry)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
