"""`/clicks`: which hit of a search was chosen; feeds the reports and the suggestions."""

from typing import ClassVar

from api.access import Access, Rule
from api.handler import ApiHandler
from api.rate_limits.scopes import CLICKS
from api.routing import Route
from schemas.http_api.admin_search import ClickBody


class Clicks(ApiHandler):
    """Clicks on hits."""

    rules: ClassVar = {"POST": Rule(Access.ANYONE, (CLICKS,))}

    async def post(self) -> None:
        """Take one; it is written a moment later, and one of a search that nobody knows counts in no report."""
        self.parameters().finish()
        click = self.body(ClickBody)
        self.dependencies.search_log.note_click(click.query_id, click.product_id, click.position)
        self.set_status(204)


ROUTES = [Route("/api/v1/clicks", Clicks)]
