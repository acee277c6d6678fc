"""Builds what the handlers of one API process share; `server` opens it on its event loop and closes it at the end."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from redis.asyncio import Redis

from api.facet_names import FacetNames
from api.http_metrics import HttpMetrics
from api.rate_limits.breaker import Breaker
from api.rate_limits.limiter import Limiter
from api.rate_limits.local_limiter import LocalLimiter
from api.rate_limits.redis_limiter import RedisLimiter, open_redis
from api.running_requests import RunningRequests
from api.search_cache import SearchCache
from api.search_fallback import SearchFallback
from api.search_page import SearchPage
from api.searchers import Searchers
from api.settings import ApiSettings
from api.suggestions import Suggestions
from order_service.accounts.access_tokens import TokenSigner
from order_service.accounts.passwords import PasswordHasher
from order_service.database.engine import Database, open_database
from order_service.orders.place_order import OrderPlacements
from order_service.payments.providers import Providers, open_providers
from schemas.search_settings import JudgmentSettings
from search_indexer.query.cursor import CursorSeal
from search_indexer.query.embedding import load_meaning
from search_indexer.query.index_lag import IndexLag
from search_indexer.query.index_reader import IndexState, SearchReader
from search_indexer.query.index_version import IndexVersion
from search_indexer.query.merchandising import Merchandising
from search_indexer.query.suggestion_reader import SuggestionReader
from search_indexer.relevance.change_gate import ChangeGate
from search_indexer.relevance.judgments import read_judgments
from search_indexer.relevance.live_merchandising import LiveMerchandising
from search_indexer.relevance.live_vocabulary import LiveVocabulary
from search_indexer.relevance.search_log import SearchLog

SearchVersion = tuple[Merchandising, IndexState]
"""What the answer to a search depends on beside the query and the stock."""


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The collaborators of every handler."""

    settings: ApiSettings
    database: Database
    placements: OrderPlacements
    providers: Providers
    search: SearchReader
    index_lag: IndexLag
    index_version: IndexVersion
    search_cache: SearchCache[SearchPage]
    search_breaker: Breaker
    fallback: SearchFallback
    facet_names: FacetNames
    cursors: CursorSeal
    vocabulary: LiveVocabulary
    suggestions: Suggestions
    search_log: SearchLog
    searchers: Searchers
    merchandising: LiveMerchandising
    change_gate: ChangeGate
    redis: Redis
    limiter: Limiter
    signer: TokenSigner
    hasher: PasswordHasher
    metrics: HttpMetrics
    running: RunningRequests

    @classmethod
    def open(cls, settings: ApiSettings) -> Self:
        """Make them all; nothing connects before it is used."""
        metrics, running = HttpMetrics(), RunningRequests()
        metrics.watch_running(lambda: running.count)
        redis = open_redis(settings.redis.url)
        database = open_database(settings.database, application="aisle serve")
        search = SearchReader(settings.search, meaning=load_meaning(settings.model, os.environ))
        index_lag = IndexLag(search, database)
        metrics.watch_index_lag(index_lag.current_ms)
        suggestion_reader = SuggestionReader(search.ask)
        vocabulary = LiveVocabulary(database, suggestion_reader)
        limits = settings.rates.limits(settings.shop.environment)
        limiter = Limiter(limits, RedisLimiter(redis), LocalLimiter(), Breaker(), metrics.count_fallback)
        return cls(
            settings=settings,
            database=database,
            placements=OrderPlacements(database, settings.shop),
            providers=open_providers(settings.stripe),
            search=search,
            index_lag=index_lag,
            index_version=IndexVersion(search),
            search_cache=SearchCache(settings.search_cache.seconds),
            search_breaker=Breaker(),
            facet_names=FacetNames(database),
            fallback=SearchFallback(database, settings.shop.currency),
            cursors=CursorSeal(settings.auth.secret_key),
            vocabulary=vocabulary,
            suggestions=Suggestions(suggestion_reader, vocabulary),
            search_log=SearchLog(database, settings.search_log.days, metrics.count_unlogged),
            searchers=Searchers(settings.auth.secret_key),
            merchandising=LiveMerchandising(database),
            change_gate=ChangeGate(search, database, _judgments(settings.judgments)),
            redis=redis,
            limiter=limiter,
            signer=TokenSigner(settings.auth),
            hasher=PasswordHasher(),
            metrics=metrics,
            running=running,
        )

    async def search_version(self) -> SearchVersion | None:
        """Give the version that a search would be answered from; None while the index cannot be looked at."""
        state = self.index_version.current()
        return None if state is None else (await self.merchandising.current(), state)

    async def close(self) -> None:
        """Close every connection."""
        self.hasher.close()
        await self.search_log.close()
        await self.merchandising.close()
        await self.suggestions.close()
        await self.vocabulary.close()
        await self.index_lag.close()
        await self.search_cache.close()
        await self.index_version.close()
        await self.search.close()
        await self.redis.aclose()
        await self.placements.close()
        await self.providers.close()
        await self.database.close()


def _judgments(settings: JudgmentSettings) -> dict[str, dict[str, int]]:
    """Read the judged queries, if there are any; raises UnreadableJudgments."""
    return read_judgments(Path(settings.file)) if settings.file else {}
