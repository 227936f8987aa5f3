"""The supervisor's own log lines: like everyone's, without loading a logging library."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime


def say(event: str, *, level: str = "info", **fields: object) -> None:
    """Write one line to standard error, in the form TWOWAY_LOG_FORMAT asks for."""
    at = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if os.environ.get("TWOWAY_LOG_FORMAT") == "json":
        line = json.dumps({**fields, "event": event, "logger": "twoway.ops", "level": level, "timestamp": at})
    else:
        words = " ".join(f"{name}={value}" for name, value in fields.items())
        line = f"{at} [{level:<8}] {event:<30} [twoway.ops] {words}".rstrip()
    print(line, file=sys.stderr, flush=True)
