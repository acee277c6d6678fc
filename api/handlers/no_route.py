"""What answers for paths that nobody else serves."""

from api.handler import ApiHandler
from api.reading.faults import RouteNotFound


class NoRoute(ApiHandler):
    """Any other path, whatever the method."""

    async def prepare(self) -> None:
        """Refuse the request."""
        raise RouteNotFound(self.request.path)
