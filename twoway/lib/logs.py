"""Structured logs, with the trace of the text being handled and without secrets."""

from __future__ import annotations

import itertools
import logging
import logging.config
import re
import secrets
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

SECRET_KEYS = re.compile(r"token|secret|password|authorization|signature|api_key|credential|cookie", re.I)
SECRET_VALUES = re.compile(r"(?i)\b(basic|bearer)\s+[\w.~+/=-]{8,}")


def new_trace() -> str:
    """An id that follows one text from webhook to receipt: 16 hexadecimal digits, half of them this process's own."""
    return f"{_START}{next(_numbers) & 0xFFFFFFFF:08x}"


_START = secrets.token_hex(4)
_numbers = itertools.count(secrets.randbits(31))


def blank_secrets(_: object, __: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Replace what must never be in a log, by name of the key and by shape of the value."""
    for key, value in event.items():
        if SECRET_KEYS.search(key) and key != "secret_id":
            event[key] = "[blanked]"
        elif isinstance(value, str):
            event[key] = SECRET_VALUES.sub(r"\1 [blanked]", value)
    return event


def configure(*, level: str, style: str) -> None:
    """Send everything to standard error: `json` lines, or `console` for people."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        blank_secrets,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer() if style == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "structured": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": shared,
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
            "root": {"handlers": ["stderr"], "level": level.upper()},
            "loggers": {
                "httpx": {"level": "WARNING"},
                "procrastinate": {"level": "WARNING"},
                "psycopg.pool": {"level": "WARNING"},
                "django.request": {"level": "ERROR"},
            },
        }
    )
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
