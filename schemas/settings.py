"""Every setting of every process, each group one frozen class; `cli.dependencies` loads what a process needs.

`docs/reference/settings.md` lists the same variables; a test holds the two together.
"""

from dataclasses import dataclass

from schemas.environment import at_least, boolean, choice, integer, readable_file, text, url, variable
from schemas.money import CURRENCY_EXPONENTS, parse_amount


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSettings:
    """Where Postgres is and how many connections one process may hold."""

    url: str = variable(
        "DATABASE_URL",
        url("postgresql", "postgres"),
        expects="postgresql://user:password@host:port/name",
        about="The Postgres database that holds everything that matters.",
        secret=True,
    )
    pool_size: int = variable(
        "DATABASE_POOL_SIZE",
        integer(1, 200),
        expects="a whole number from 1 to 200",
        about="Connections that one process keeps for writes; as many again serve reads.",
        default=8,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisSettings:
    """Where the Redis-protocol server for rate limits and caches is."""

    url: str = variable(
        "REDIS_URL",
        url("redis", "rediss"),
        expects="redis://host:port/number",
        about="Rate limits and caches; losing it loses nothing.",
        secret=True,
    )


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


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaSettings:
    """Where Kafka is and how topics are named and sized."""

    bootstrap_servers: str = variable(
        "KAFKA_BOOTSTRAP_SERVERS",
        text,
        expects="host:port[,host:port…]",
        about="The Kafka cluster that carries committed changes.",
    )
    topic_prefix: str = variable(
        "KAFKA_TOPIC_PREFIX",
        text,
        expects="text, usually ending in a dot",
        about="First part of every topic and consumer group name, so that installations can share a cluster.",
        default="aisle.",
    )
    partitions: int = variable(
        "KAFKA_PARTITIONS",
        integer(1, 256),
        expects="a whole number from 1 to 256",
        about="Partitions of a topic when it is created; an existing topic keeps its own.",
        default=6,
    )
    replication_factor: int = variable(
        "KAFKA_REPLICATION_FACTOR",
        integer(1, 9),
        expects="a whole number from 1 to 9",
        about="Copies of each partition when a topic is created.",
        default=1,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """How mail leaves and what it says of the shop."""

    smtp_url: str = variable(
        "SMTP_URL",
        url("smtp", "smtps"),
        expects="smtp://[user:password@]host:port or smtps://…",
        about="The mail server; smtps means TLS from the first byte.",
        secret=True,
    )
    sender: str = variable(
        "MAIL_FROM",
        text,
        expects="an address",
        about="Sender of every mail.",
        default="shop@localhost",
    )
    shop_name: str = variable(
        "SHOP_NAME", text, expects="text", about="The shop's name in mail and pages.", default="Aisle"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSettings:
    """The rules of trade of one installation."""

    environment: str = variable(
        "AISLE_ENV",
        choice("development", "production"),
        expects="development or production",
        about="Chooses the default rate limits and how logs look.",
        default="production",
    )
    currency: str = variable(
        "SHOP_CURRENCY",
        choice(*CURRENCY_EXPONENTS),
        expects="an ISO 4217 code",
        about="The one currency of every price; zero-decimal currencies work.",
        default="USD",
    )
    guest_orders: bool = variable(
        "GUEST_ORDERS",
        boolean,
        expects="true or false",
        about="Whether an order may be placed without an account.",
        default=True,
    )
    payment_required: bool = variable(
        "PAYMENT_REQUIRED",
        boolean,
        expects="true or false",
        about="Whether an order must be PAID before it may be SHIPPED.",
        default=False,
    )
    prices_include_tax: bool = variable(
        "PRICES_INCLUDE_TAX",
        boolean,
        expects="true or false",
        about="Whether prices, shipping prices and fixed discounts are gross; otherwise tax is added to them.",
        default=False,
    )
    payment_ttl_minutes: int = variable(
        "PAYMENT_TTL_MINUTES",
        integer(1, 43_200),
        expects="minutes from 1 to 43200",
        about="With PAYMENT_REQUIRED: how long an order waits for its payment before it is cancelled.",
        default=60,
    )
    min_order_amount: str = variable(
        "MIN_ORDER_AMOUNT",
        parse_amount,
        expects="a decimal amount in the shop's currency",
        about="Orders whose items come to less after their discount, without shipping and added tax, are refused.",
        default="0",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerSettings:
    """Who sells, as invoices say it."""

    name: str = variable(
        "SELLER_NAME",
        text,
        expects="any text",
        about="The seller's name on invoices.",
        default="Aisle shop",
    )
    address: str = variable(
        "SELLER_ADDRESS",
        text,
        expects="lines with a vertical bar between them",
        about="The seller's address on invoices.",
        default="",
    )
    tax_id: str = variable(
        "SELLER_TAX_ID",
        text,
        expects="any text",
        about="The seller's tax number on invoices.",
        default="",
    )
    email: str = variable(
        "SELLER_EMAIL",
        text,
        expects="any text",
        about="Where questions about an invoice go.",
        default="",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CartSettings:
    """How long and how much carts hold."""

    reservation_minutes: int = variable(
        "CART_RESERVATION_TTL_MINUTES",
        integer(1, 1440),
        expects="minutes from 1 to 1440",
        about="How long a cart holds stock after its last change.",
        default=30,
    )
    abandon_minutes: int = variable(
        "CART_ABANDON_TTL_MINUTES",
        integer(1, 525_600),
        expects="minutes from 1 to 525600",
        about="After so long without a change a cart is closed.",
        default=120,
    )
    max_pieces: int = variable(
        "CART_MAX_PIECES",
        integer(1, 1_000_000),
        expects="a whole number from 1 to 1000000",
        about="Pieces that one cart may hold.",
        default=500,
    )
    max_pieces_of_client: int = variable(
        "CART_MAX_PIECES_PER_CLIENT",
        integer(1, 1_000_000),
        expects="a whole number from 1 to 1000000",
        about="Pieces that the carts of all guests of one address may hold together.",
        default=2_000,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeSettings:
    """The account at Stripe; without a key the provider is off."""

    secret_key: str = variable(
        "STRIPE_SECRET_KEY",
        text,
        expects="sk_… or rk_…",
        about="Turns payments by Stripe on; the key of the shop's account there.",
        default="",
        secret=True,
    )
    webhook_secret: str = variable(
        "STRIPE_WEBHOOK_SECRET",
        text,
        expects="whsec_…",
        about="Verifies that webhooks come from Stripe; without it all are refused.",
        default="",
        secret=True,
    )
    api_base: str = variable(
        "STRIPE_API_BASE",
        url("http", "https"),
        expects="https://host",
        about="Where Stripe's API is; tests name the official mock server.",
        default="https://api.stripe.com",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthSettings:
    """Keys and lifetimes of tokens."""

    secret_key: str = variable(
        "AISLE_SECRET_KEY",
        at_least(32),
        expects="at least 32 random characters",
        about="Signs access tokens; changing it signs everybody out.",
        secret=True,
    )
    access_minutes: int = variable(
        "ACCESS_TOKEN_MINUTES",
        integer(1, 1440),
        expects="minutes from 1 to 1440",
        about="Lifetime of an access token.",
        default=15,
    )
    refresh_days: int = variable(
        "REFRESH_TOKEN_DAYS",
        integer(1, 365),
        expects="days from 1 to 365",
        about="Lifetime of a refresh token that is not used.",
        default=30,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSettings:
    """How often the jobs do what, and where they show their metrics."""

    prune_minutes: int = variable(
        "JOBS_PRUNE_MINUTES",
        integer(1, 1440),
        expects="minutes from 1 to 1440",
        about="Pause between deletions of what has expired: idempotency keys, sessions, failed sign-ins.",
        default=10,
    )
    popularity_minutes: int = variable(
        "JOBS_POPULARITY_MINUTES",
        integer(1, 1440),
        expects="minutes from 1 to 1440",
        about="Pause between two looks at how popular products are, by sales and clicks.",
        default=60,
    )
    completions_minutes: int = variable(
        "JOBS_COMPLETIONS_MINUTES",
        integer(1, 1440),
        expects="minutes from 1 to 1440",
        about="Pause between two looks at the search log for completions to offer.",
        default=60,
    )
    completion_searchers: int = variable(
        "COMPLETION_SEARCHERS",
        integer(2, 10_000),
        expects="a whole number from 2 to 10000",
        about="Different searchers, counted a day at a time, whom a query wants before it is offered to others.",
        default=5,
    )
    metrics_address: str = variable(
        "JOBS_METRICS_ADDRESS",
        text,
        expects="an address",
        about="The address that the jobs' metrics are served on.",
        default="127.0.0.1",
    )
    metrics_port: int = variable(
        "JOBS_METRICS_PORT",
        integer(0, 65535),
        expects="a port, or 0 for none",
        about="The port of the jobs' /metrics.",
        default=0,
    )
