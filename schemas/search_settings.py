"""Settings of search: the index, the model, the log; loaded and documented as those of `settings` are."""

from dataclasses import dataclass

from schemas.environment import choice, integer, readable_file, text, url, variable


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSettings:
    """Where Elasticsearch is and how its indexes are named and sized."""

    url: str = variable(
        "ELASTICSEARCH_URL",
        url("http", "https"),
        expects="http://host:port",
        about="The Elasticsearch 8.19 server.",
        secret=True,
    )
    index_prefix: str = variable(
        "SEARCH_INDEX_PREFIX",
        text,
        expects="a word in lower case",
        about="First part of every index and alias name, so that installations can share a cluster.",
        default="aisle",
    )
    refresh_interval_ms: int = variable(
        "SEARCH_REFRESH_INTERVAL_MS",
        integer(50, 60_000),
        expects="milliseconds from 50 to 60000",
        about="How often indexed changes become searchable.",
        default=200,
    )
    shards: int = variable(
        "SEARCH_SHARDS",
        integer(1, 64),
        expects="a whole number from 1 to 64",
        about="Primary shards of a new index; facet counts are exact with one.",
        default=1,
    )
    replicas: int = variable(
        "SEARCH_REPLICAS",
        integer(0, 8),
        expects="a whole number from 0 to 8",
        about="Copies of each shard of a new index.",
        default=0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """Where the model of sentence vectors lies once `aisle models prepare` has made it."""

    folder: str = variable(
        "MODEL_FOLDER",
        text,
        expects="a folder",
        about="The prepared model of sentence vectors; without one searches go by words alone.",
        default="",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexMetricsSettings:
    """Where the index consumer shows its metrics."""

    address: str = variable(
        "INDEX_METRICS_ADDRESS",
        text,
        expects="an address",
        about="The address that the index consumer's metrics are served on.",
        default="127.0.0.1",
    )
    port: int = variable(
        "INDEX_METRICS_PORT",
        integer(0, 65535),
        expects="a port, or 0 for none",
        about="The port of the index consumer's /metrics.",
        default=0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchModeSettings:
    """How searches are answered that do not say how."""

    mode: str = variable(
        "SEARCH_MODE",
        choice("hybrid", "lexical"),
        expects="hybrid or lexical",
        about="What a search without `mode` gets: by words and meaning, or by words alone.",
        default="hybrid",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgmentSettings:
    """Where the queries are by which changes of search are judged."""

    file: str = variable(
        "JUDGMENTS_FILE",
        readable_file,
        expects="a CSV file",
        about="Judged queries (query,product_id,grade) that synonyms, rules and rebuilds may not answer worse.",
        default="",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchLogSettings:
    """How long searches and clicks are remembered."""

    days: int = variable(
        "SEARCH_LOG_DAYS",
        integer(1, 3650),
        expects="days from 1 to 3650",
        about="How long searches and clicks are kept for the reports; they name no user.",
        default=90,
    )
