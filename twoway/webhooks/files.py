"""Public addresses of files: GET or HEAD /m/<token>[/<name>], for carriers and for customers who got a link.

Bare ASGI, in front of Django, so that a slow phone keeps no thread waiting. No cookie is read and none is set: whoever
has an address that was signed here, and has not expired, gets its file.
"""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime

import structlog
from django.db import close_old_connections

from twoway.messaging.media import addresses, queries, serving
from twoway.messaging.media.serving import Answer, Asked
from twoway.providers.base import HttpResponse
from twoway.webhooks.hooks import Receive, Scope, Send
from twoway.webhooks.hooks import answer as plain_answer

log = structlog.get_logger(__name__)

PREFIX = "/m/"
PATH = re.compile(r"/m/([A-Za-z0-9_-]{20,60})(?:/[^/]*)?")
CACHE = "private, max-age=3600"
_PLAIN = {"content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff", "cache-control": "no-store"}

GONE = HttpResponse(status=410, headers=_PLAIN, body=b"This link has expired. Ask for a new one.\n")
NOT_FOUND = HttpResponse(status=404, headers=_PLAIN, body=b"There is nothing here.\n")
WRONG_METHOD = HttpResponse(status=405, headers={**_PLAIN, "allow": "GET, HEAD"}, body=b"Use GET.\n")


async def files(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request."""
    if scope["method"] not in {"GET", "HEAD"}:
        return await plain_answer(send, WRONG_METHOD)
    path = PATH.fullmatch(scope["path"])
    try:
        found = await asyncio.to_thread(_look, path[1] if path else "", _asked(scope))
    except addresses.Expired:
        return await plain_answer(send, GONE)
    except (addresses.Forged, FileNotFoundError):
        return await plain_answer(send, NOT_FOUND)
    await _send(found, receive, send)
    return None


def _asked(scope: Scope) -> Asked:
    headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
    return Asked(
        range=headers.get(b"range", ""),
        if_none_match=headers.get(b"if-none-match", ""),
        is_head=scope["method"] == "HEAD",
    )


def _look(token: str, asked: Asked) -> Answer:
    """Raises `Expired`, `Forged`, `FileNotFoundError`."""
    named = addresses.read(token, audience="public", at=datetime.now(UTC))
    close_old_connections()
    try:
        row = queries.by_id(named.media_id)
    finally:
        close_old_connections()
    if row is None:
        raise FileNotFoundError
    return serving.answer(row, named.copy, asked, cache=CACHE, is_public=True)


async def _send(found: Answer, receive: Receive, send: Send) -> None:
    """Piece by piece, as fast as the other side reads."""
    gone = asyncio.create_task(_hung_up(receive))
    try:
        headers = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in found.headers.items()]
        await send({"type": "http.response.start", "status": found.status, "headers": headers})
        while not gone.done() and (piece := await asyncio.to_thread(found.piece)):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()
        await asyncio.to_thread(found.close)


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
