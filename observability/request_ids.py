"""The id that follows one request through logs, events and mail; `api` binds it, everybody else reads it."""

from structlog.contextvars import get_contextvars


def current_request_id() -> str | None:
    """Give the id bound to the running task, or None outside a request."""
    bound = get_contextvars().get("request_id")
    return bound if isinstance(bound, str) else None
