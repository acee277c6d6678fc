"""Which servers the environment offers already, so that none is started in their place."""

from collections.abc import Mapping
from pathlib import Path

from devstack.state import StateFile

OFFERS = ("ELASTICSEARCH_URL", "KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL", "REDIS_URL", "SMTP_URL")
COMPANIONS = {"SMTP_URL": "MAILBOX_URL"}


def offered_servers(environment: Mapping[str, str], stack_folder: Path) -> dict[str, str]:
    """Pick the variables that name servers of somebody else's.

    Whoever has read `.devstack/env` into their shell carries the addresses of this checkout's own stack.
    Those are no offer: `make test` would empty the database of `make up`, and `make up` would not start
    what it stopped.
    """
    own = StateFile(stack_folder).read().addresses
    offers = {name: environment[name] for name in OFFERS if environment.get(name)}
    foreign = {name: value for name, value in offers.items() if value != own.get(name)}
    for offer, companion in COMPANIONS.items():
        if offer in foreign and companion in environment:
            foreign[companion] = environment[companion]
    return foreign
