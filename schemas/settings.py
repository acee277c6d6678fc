"""Settings of servers and processes, each group one frozen class; `cli.dependencies` loads what a process needs.

Those of search and of the shop have modules of their own. `docs/reference/settings.md` lists all; a test holds it.
"""

from dataclasses import dataclass

from schemas.environment import at_least, integer, text, url, variable


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
