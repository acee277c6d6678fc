"""Who changes something and in which request; the API and the commands make one, every write takes one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """`name` stands in the ledgers (`user:17`, `import`); `request_id` travels with the events that follow."""

    name: str
    request_id: str | None = None
