"""`/admin/search`: what is searched for, and what staff does about it."""

from typing import ClassVar

import msgspec

from api.access import Access, Rule
from api.handler import ApiHandler
from api.rendering.merchandising import zero_result_body
from api.routing import Route
from schemas.http_api.admin_search import QueryReportBody, SearchReportsBody
from schemas.http_api.lists import Page
from search_indexer.relevance.reports import MOST_DAYS, Report, read_reports
from search_indexer.relevance.zero_results import diagnose

USUAL_DAYS = 7
MOST_DIAGNOSED = 20


class SearchReports(ApiHandler):
    """Top, zero-result and no-click queries."""

    rules: ClassVar = {"GET": Rule(Access.STAFF)}

    async def get(self) -> None:
        """Give the asked page of each."""
        parameters = self.parameters()
        page, page_size = parameters.page()
        days = parameters.integer("days", 1, MOST_DAYS) or USUAL_DAYS
        parameters.finish()
        found = await read_reports(self.dependencies.database, days=days, page=page, page_size=page_size)

        def body(report: Report) -> Page[QueryReportBody]:
            rows = [QueryReportBody(**msgspec.structs.asdict(row)) for row in report.queries]
            return Page(report.count, page, page_size, rows)

        self.answer(
            SearchReportsBody(
                days=days,
                top=body(found.top),
                zero_results=body(found.zero_results),
                no_clicks=body(found.no_clicks),
            )
        )


class ZeroResults(ApiHandler):
    """Why queries found nothing."""

    rules: ClassVar = {"GET": Rule(Access.STAFF)}

    async def get(self) -> None:
        """Give each query of the page its cause, and a fix where there is one."""
        parameters = self.parameters()
        page, page_size = parameters.page()
        days = parameters.integer("days", 1, MOST_DAYS) or USUAL_DAYS
        if page_size > MOST_DIAGNOSED:
            parameters.fault("page_size", f"is at most {MOST_DIAGNOSED} here")
        parameters.finish()
        found, count = await diagnose(
            self.dependencies.database, self.dependencies.search, days=days, page=page, page_size=page_size
        )
        self.answer(Page(count, page, page_size, [zero_result_body(each, self.currency) for each in found]))


ROUTES = [
    Route("/api/v1/admin/search/reports", SearchReports),
    Route("/api/v1/admin/search/reports/zero-results", ZeroResults),
]
