"""Logs with an allow-list of keys: what is not listed is dropped, so no personal data leaks."""

import logging

import structlog
from structlog.typing import EventDict, WrappedLogger

# Ids and counts only. Never a name, number, address, text or exception message.
ALLOWED = {
    "event", "level", "timestamp", "logger",
    "method", "view", "status", "milliseconds", "request_id",
    "task", "count", "done", "refused", "state", "code", "error", "local_date", "notice", "path",
    "user", "absence", "digest", "gateway",
}  # fmt: skip


def drop_unlisted_keys(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {key: value for key, value in event.items() if key in ALLOWED}


# Libraries whose messages are constant templates. What others say is dropped, not their name.
TRUSTED = ("celery", "kombu", "django", "gunicorn")


def hide_foreign_text(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """A library may quote an address or a number: keep its template, never the values in it."""
    record: logging.LogRecord | None = event.get("_record")
    if record is None or event.get("_from_structlog"):
        return event
    kind, *_rest = event.get("exc_info") or [None]  # structlog has taken it from the record
    if kind:
        event["error"] = kind.__name__
    event["event"] = _template(record)
    return event


def _template(record: logging.LogRecord) -> str:
    if not isinstance(record.msg, str):
        return type(record.msg).__name__
    return record.msg if record.name.partition(".")[0] in TRUSTED else "library message"


def configure(*, level: str) -> None:
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                hide_foreign_text,
                drop_unlisted_keys,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    logging.captureWarnings(capture=True)  # else they are printed past the allow-list
    # These write addresses and numbers at INFO.
    for name in (
        "twilio.http_client",
        "httpx",
        "urllib3",
        "weasyprint",
        "fontTools",
        "django.server",
    ):
        logging.getLogger(name).setLevel(logging.WARNING)
