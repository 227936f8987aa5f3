"""What a provider's answer to a call means, once for all providers.

A text is never handed over twice by guessing: only an answer that says "not processed" may be repeated. Everything
after which the text may have left is `Uncertain` and is settled by asking the provider's own list.
"""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from twoway.lib.words import noted
from twoway.providers.base import HttpResponse, Rejected, SendError, Throttled, Uncertain

Reader = Callable[[HttpResponse], SendError | None]

_NOT_PROCESSED = (425, 429)
_MAYBE_PROCESSED = (408, 409)
_MOVED = (301, 307, 308)


def raise_for(response: HttpResponse, read: Reader | None = None) -> None:
    """Raise what a refused or failed call means; return when it is a 2xx.

    `read` is the adapter's own reading of a 4xx body: it returns the error, or None when the body says nothing.
    """
    status = response.status
    if 200 <= status < 300:
        return
    if status in _NOT_PROCESSED:
        raise Throttled(f"HTTP {status}", provider_code=str(status), retry_after=retry_after(response))
    if status in _MOVED:
        raise Rejected("config", f"HTTP {status}: the provider's address has moved.", provider_code=str(status))
    if not 400 <= status < 500:
        raise Uncertain(f"HTTP {status}", provider_code=str(status))
    error = read(response) if read else None
    if error is not None:
        raise error
    if status in _MAYBE_PROCESSED:
        raise Uncertain(f"HTTP {status}", provider_code=str(status))
    raise Rejected("auth" if status in (401, 403) else "unknown", f"HTTP {status}", provider_code=str(status))


def retry_after(response: HttpResponse) -> float | None:
    """Seconds to wait before repeating, from `Retry-After` in seconds or as a date; None when it says nothing."""
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), 86400.0)
    try:
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(response.headers.get("date", ""))
    except (TypeError, ValueError):
        return None
    return min(max(wait.total_seconds(), 0.0), 86400.0)


def json_object(response: HttpResponse) -> dict[str, Any]:
    """The JSON object of a 2xx answer. Raises `Uncertain` when there is none: the call may have been carried out."""
    found = maybe_json_object(response)
    if found is None:
        raise Uncertain(noted("The provider's answer could not be read."), provider_code=str(response.status))
    return found


def maybe_json_object(response: HttpResponse) -> dict[str, Any] | None:
    """The JSON object of an answer, or None when its body is anything else."""
    try:
        found = orjson.loads(response.body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
