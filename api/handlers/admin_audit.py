"""`/admin/audit`: what staff did, newest first."""

from typing import ClassVar

from api.access import Access, Rule
from api.handler import ApiHandler
from api.routing import Route
from order_service.audit.trail import TrailFilter, read_trail
from schemas.http_api.lists import Page

LONGEST = 200


class AuditTrail(ApiHandler):
    """Every recorded deed."""

    rules: ClassVar = {"GET": Rule(Access.STAFF)}

    async def get(self) -> None:
        """List a filtered page."""
        parameters = self.parameters()
        page, page_size = parameters.page()
        done_from, done_to = parameters.moment("done_from"), parameters.moment("done_to")
        if done_from and done_to and done_from > done_to:
            parameters.fault("done_from", "is after done_to")
        chosen = TrailFilter(
            actor=parameters.text("actor", LONGEST),
            action=parameters.text("action", LONGEST),
            subject=parameters.text("subject", LONGEST),
            done_from=done_from,
            done_to=done_to,
        )
        parameters.finish()
        entries, count = await read_trail(self.dependencies.database, chosen, page=page, page_size=page_size)
        self.answer(Page(count, page, page_size, entries))


ROUTES = [Route("/api/v1/admin/audit", AuditTrail)]
