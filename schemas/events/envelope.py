"""CloudEvents 1.0 in Kafka's binary mode: the attributes are headers, the value is the data alone.

Source: CloudEvents Kafka protocol binding 1.0.2, section 3.2. `sequence` is the CloudEvents sequence extension;
`ce_requestid` carries the id of the HTTP request that caused the event.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

SOURCE = "/aisle"


class NotAnEvent(ValueError):
    """The headers are not those of one of our events; the text names the header."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who says what about whom, when, and as the how-manieth word on it."""

    id: UUID
    type: str
    subject: str
    time: datetime
    sequence: int
    request_id: str | None = None

    def to_headers(self) -> dict[str, str]:
        """Give the Kafka headers of this event."""
        headers = {
            "ce_specversion": "1.0",
            "ce_id": str(self.id),
            "ce_type": self.type,
            "ce_source": SOURCE,
            "ce_subject": self.subject,
            "ce_time": self.time.isoformat().replace("+00:00", "Z"),
            "sequence": str(self.sequence),
            "content-type": "application/json",
        }
        if self.request_id:
            headers["ce_requestid"] = self.request_id
        return headers

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> Self:
        """Read the envelope back; raises NotAnEvent when an attribute is missing or not of its form."""
        try:
            return cls(
                id=UUID(headers["ce_id"]),
                type=headers["ce_type"],
                subject=headers["ce_subject"],
                time=datetime.fromisoformat(headers["ce_time"]),
                sequence=int(headers["sequence"]),
                request_id=headers.get("ce_requestid"),
            )
        except KeyError as error:
            raise NotAnEvent(f"header {error.args[0]} is missing") from error
        except ValueError as error:
            raise NotAnEvent(f"a header is malformed: {error}") from error
