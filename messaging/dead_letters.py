"""What a message looks like that was put aside: itself, and headers that say why and where it came from.

Called by `messaging.batch_handling`; replaying means publishing it to `dead_letter_topic` again without these
headers.
"""

from messaging.messages import IncomingMessage, OutgoingMessage
from schemas.events.topics import DEAD_LETTER

LONGEST_REASON = 2_000  # characters; a header is for reading, the log has the traceback


def to_dead_letter(message: IncomingMessage, reason: str, group: str) -> OutgoingMessage:
    """Keep key, value and headers as they are and add the reason, the group and the original place."""
    return OutgoingMessage(
        topic=DEAD_LETTER.name,
        key=message.key or b"",
        value=message.value,
        headers={
            **message.headers,
            "dead_letter_reason": reason[:LONGEST_REASON],
            "dead_letter_group": group,
            "dead_letter_topic": message.topic,
            "dead_letter_partition": str(message.partition),
            "dead_letter_offset": str(message.offset),
        },
    )
