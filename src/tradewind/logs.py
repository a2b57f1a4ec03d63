"""Structured logs: one JSON object a line on stderr (or a readable line on a terminal), with ids, without secrets."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from typing import Any

import structlog

from tradewind.settings import Settings

# A rate card is a price list, not a bank card.
_SECRET_KEY = re.compile(
    r"password|passwd|secret|token|api[_-]?key|private[_-]?key|authorization|cookie|database_url|dsn\b|(?<!rate_)card(?:_number)?$|cvc|iban",
    re.IGNORECASE,
)
_URL_PASSWORD = re.compile(r"(?P<head>[a-z][a-z0-9+.-]*://[^\s:/@]*):[^\s/]+@", re.IGNORECASE)
_ASSIGNED = re.compile(r"(?P<head>\b(?:password|passwd|secret|[a-z_]*token|api[_-]?key|signature)=)(?:'[^']*'|[^\s&;,'\"]+)", re.IGNORECASE)
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}")
HIDDEN = "[hidden]"
# What the job queue says of each of its jobs each minute, all being well. What fails, or is tried again, has other names.
_ROUTINE = frozenset({"loading_blueprint", "registering_periodic_task", "periodic_task_deferred", "start_job", "job_success"})
_KEPT_KEYS = 1_000


def redact(value: object) -> object:
    """The value without passwords, tokens and keys, however deep they lie. What is neither text nor number becomes text first."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Mapping):
        return {key: HIDDEN if _is_secret(str(key)) else redact(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [redact(inner) for inner in value]
    text = str(value)
    # Each pattern is only searched for where the signs stand that it cannot be without: most values are ids and paths.
    if "://" in text:
        text = _URL_PASSWORD.sub(rf"\g<head>:{HIDDEN}@", text)
    if "=" in text:
        text = _ASSIGNED.sub(rf"\g<head>{HIDDEN}", text)
    if len(text.split(None, 1)) > 1:
        text = _BEARER.sub(lambda found: f"{found[1]} {HIDDEN}", text)
    return text


@lru_cache(maxsize=_KEPT_KEYS)
def _is_secret(key: str) -> bool:
    return _SECRET_KEY.search(key) is not None


def _redacted(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    # Keys that begin with an underscore are structlog's own and are removed before anything is written.
    return {key: value if key.startswith("_") else HIDDEN if _is_secret(key) else redact(value) for key, value in event.items()}


def _is_news(record: logging.LogRecord) -> bool:
    is_debugging = logging.getLogger().level <= logging.DEBUG
    return is_debugging or not (record.name.startswith("procrastinate.") and getattr(record, "action", "") in _ROUTINE)


def configure_logs(settings: Settings) -> None:
    """Sets up logging for this process. Ids bound with `structlog.contextvars` (request_id, run_id, order_id) stand in every line."""
    console = settings.log_format == "console" or (settings.log_format == "auto" and sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redacted,
    ]
    renderer: Any = structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        # A line that is not wanted ends here, before anything is done for it.
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[settings.log_level]),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
        )
    )
    handler.addFilter(_is_news)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    # A handler that cannot write would print the event as it was, secrets and all.
    logging.raiseExceptions = False
