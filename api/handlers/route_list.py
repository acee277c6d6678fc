"""The page at `/api/docs`: every route that this server has, read from the route table itself."""

from collections.abc import Iterable
from html import escape
from typing import ClassVar

from api.access import Access, Rule
from api.handler import ApiHandler
from api.handlers.pages import PAGE
from api.routing import Route

ROW = "<tr><td><code>{method} {template}</code></td><td>{who}</td><td>{does}</td></tr>"
TABLE = """<h1>Routes</h1>
<p>Bodies are JSON both ways; a token from <code>POST /api/v1/auth/login</code> goes into
<code>Authorization: Bearer …</code>. Errors are explained at <a href="/problems">/problems</a>; parameters, bodies and
examples are in <code>docs/reference/http-api.md</code> of the distribution.</p>
<table><thead><tr><th>method and path</th><th>who</th><th>does</th></tr></thead>
<tbody>
{rows}
</tbody></table>"""


class RouteList(ApiHandler):
    """All routes; `routes` is among the application's settings."""

    rules: ClassVar = {"GET": Rule(Access.ANYONE)}
    tagged = True

    async def get(self) -> None:
        """Show this page."""
        self.answer_page(PAGE.format(title="Routes", body=TABLE.format(rows="\n".join(rows(self.settings["routes"])))))


def rows(routes: Iterable[Route]) -> list[str]:
    """Render a table row for each method of each route; what it does is the first line of the method's docstring."""
    return [
        ROW.format(method=method, template=escape(route.template), who=rule.access.value, does=_does(route, method))
        for route in routes
        for method, rule in route.handler.rules.items()
    ]


def _does(route: Route, method: str) -> str:
    told = getattr(route.handler, method.lower()).__doc__ or ""
    return escape(told.partition("\n")[0])


ROUTES = [Route("/api/docs", RouteList)]
