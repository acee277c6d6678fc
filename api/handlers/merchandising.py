"""`/admin/search/synonyms` and `/admin/search/rules`: read, previewed and saved by staff, each kind whole."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar

from api.access import Access, Rule
from api.handler import ApiHandler
from api.reading.merchandising import read_rules as rules_of
from api.reading.merchandising import read_sets
from api.rendering.merchandising import preview_body, rules_body, synonyms_body
from api.routing import Route
from schemas.http_api.admin_search import (
    NewRulesBody,
    NewSynonymsBody,
    PreviewBody,
    RulesPreviewBody,
    SynonymsPreviewBody,
)
from search_indexer.query.merchandising import Merchandising, prepared
from search_indexer.query.rules import rule_table
from search_indexer.query.synonyms import synonym_table
from search_indexer.relevance.merchandising import read_rules, read_synonyms, save_rules, save_synonyms
from search_indexer.relevance.preview import preview, usual_queries

STAFF = Rule(Access.STAFF)


class Steering(ApiHandler):
    """What saving has in common for both kinds."""

    def is_forced(self) -> bool:
        """Whether the change shall be saved whatever it does to searches."""
        parameters = self.parameters()
        forced = parameters.boolean("force")
        parameters.finish()
        return bool(forced)


class Synonyms(Steering):
    """The synonyms in effect."""

    rules: ClassVar = {"GET": STAFF, "PUT": STAFF}

    async def get(self) -> None:
        """Show them with their version."""
        self.parameters().finish()
        self.answer(synonyms_body(await read_synonyms(self.dependencies.database)))

    async def put(self) -> None:
        """Put others in effect, in every process within about a second, unless they would ruin searches."""
        is_forced = self.is_forced()
        body = self.body(NewSynonymsBody)
        sets = read_sets(body.sets)
        if not is_forced:
            await self.dependencies.change_gate.check_synonyms(sets)
        saved = await save_synonyms(self.dependencies.database, body.version, sets, self.actor.name)
        self.dependencies.merchandising.forget()
        self.answer(synonyms_body(saved))


class Rules(Steering):
    """The rules in effect."""

    rules: ClassVar = {"GET": STAFF, "PUT": STAFF}

    async def get(self) -> None:
        """Show them with their version."""
        self.parameters().finish()
        self.answer(rules_body(await read_rules(self.dependencies.database), self.currency))

    async def put(self) -> None:
        """Put others in effect, in every process within about a second, unless they would ruin searches."""
        is_forced = self.is_forced()
        body = self.body(NewRulesBody)
        rules = rules_of(body.rules, self.currency)
        if not is_forced:
            await self.dependencies.change_gate.check_rules(rules)
        saved = await save_rules(self.dependencies.database, body.version, rules, self.actor.name)
        self.dependencies.merchandising.forget()
        self.answer(rules_body(saved, self.currency))


class Preview(ApiHandler):
    """What a proposal would change."""

    async def previewed(
        self, queries: Sequence[str], saved: Merchandising, proposed: Merchandising, now: datetime
    ) -> PreviewBody:
        """Compare both on the queries, else on the most frequent ones of late."""
        tried = queries or await usual_queries(self.dependencies.database)
        return preview_body(await preview(self.dependencies.search, tried, saved, proposed, now))

    async def saved(self) -> Merchandising:
        """Read what is in effect."""
        database = self.dependencies.database
        return prepared((await read_synonyms(database)).items, (await read_rules(database)).items)


class SynonymsPreview(Preview):
    """What other synonyms would change."""

    rules: ClassVar = {"POST": STAFF}

    async def post(self) -> None:
        """Compare; saves nothing."""
        body = self.body(SynonymsPreviewBody)
        sets, saved = read_sets(body.sets), await self.saved()
        proposed = saved._replace(synonyms=synonym_table(sets))
        self.answer(await self.previewed(body.queries, saved, proposed, datetime.now(UTC)))


class RulesPreview(Preview):
    """What other rules would change."""

    rules: ClassVar = {"POST": STAFF}

    async def post(self) -> None:
        """Compare at the moment asked for; saves nothing."""
        body = self.body(RulesPreviewBody)
        rules, saved = rules_of(body.rules, self.currency), await self.saved()
        proposed = saved._replace(rules=rule_table(rules))
        self.answer(await self.previewed(body.queries, saved, proposed, body.at or datetime.now(UTC)))


ROUTES = [
    Route("/api/v1/admin/search/synonyms", Synonyms),
    Route("/api/v1/admin/search/synonyms/preview", SynonymsPreview),
    Route("/api/v1/admin/search/rules", Rules),
    Route("/api/v1/admin/search/rules/preview", RulesPreview),
]
