"""The few HTML pages of the API itself: `/`, which says what runs here, and one page per problem type."""

from html import escape
from typing import ClassVar

from api.access import Access, Rule
from api.handler import ApiHandler
from api.problem_types import PROBLEM_TYPES, PROBLEM_TYPES_BY_NAME, ProblemType
from api.reading.faults import RouteNotFound
from api.routing import Route

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:3rem auto;padding:0 1rem}}
th,td{{text-align:left;vertical-align:top;padding:.15rem 1rem .15rem 0}}p,ul{{max-width:44rem}}</style>
</head>
<body>
{body}
</body>
</html>
"""

FRONT = """<h1>Aisle</h1>
<p>Product search and ordering over HTTP. This server answers programs; there is no shop to look at here.</p>
<ul>
<li><a href="/api/v1/search/products?q=cable&amp;facets=brand,category">Search for “cable”</a>, with facets</li>
<li><a href="/api/v1/search/suggest?q=ca">Suggestions for “ca”</a></li>
<li><a href="/api/v1/products">Products</a>, <a href="/api/v1/categories">categories</a>,
<a href="/api/v1/stores">stores</a></li>
<li><a href="/health/ready">What this server depends on</a>, and whether it answers</li>
<li><a href="/problems">Every kind of error answer</a></li>
</ul>
<p><a href="/api/docs">Every route</a> of this server.</p>"""


class FrontPage(ApiHandler):
    """What runs here."""

    rules: ClassVar = {"GET": Rule(Access.ANYONE)}
    tagged = True

    async def get(self) -> None:
        """Show it."""
        self.answer_page(PAGE.format(title="Aisle", body=FRONT))


class ProblemPages(ApiHandler):
    """All problem types."""

    rules: ClassVar = {"GET": Rule(Access.ANYONE)}
    tagged = True

    async def get(self) -> None:
        """List them."""
        rows = [
            f'<li><a href="{each.uri}">{each.name}</a> ({each.status}): {escape(each.title)}</li>'
            for each in PROBLEM_TYPES
        ]
        self.answer_page(PAGE.format(title="Problems", body=f"<h1>Problems</h1>\n<ul>{''.join(rows)}</ul>"))


class ProblemPage(ApiHandler):
    """One problem type: what `type` of an error answer resolves to."""

    rules: ClassVar = {"GET": Rule(Access.ANYONE)}
    tagged = True

    async def get(self, problem: str) -> None:
        """Show it."""
        if problem not in PROBLEM_TYPES_BY_NAME:
            raise RouteNotFound(self.request.path)
        self.answer_page(problem_page(PROBLEM_TYPES_BY_NAME[problem]))


def problem_page(kind: ProblemType) -> str:
    """Render the page of one problem type."""
    body = f"<h1>{escape(kind.title)}</h1>\n<p>{kind.status} <code>{kind.name}</code></p>\n<p>{escape(kind.about)}</p>"
    return PAGE.format(title=escape(kind.title), body=body + '\n<p><a href="/problems">All problems</a></p>')


ROUTES = [
    Route("/", FrontPage),
    Route("/problems", ProblemPages),
    Route("/problems/{problem}", ProblemPage),
]
