"""The doors providers call: POST or GET /hooks/<provider>/<hook>/<inbound|status|voice>.

Bare ASGI, in front of Django: read the body, hand it to intake, answer when it is stored. What is said about calls is
answered by `voice`.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Coroutine, Iterable, MutableMapping
from functools import lru_cache
from typing import Any

from twoway.messaging import intake
from twoway.messaging.spool import Spool
from twoway.messaging.writer import Parcel
from twoway.providers.base import HttpResponse, RawRequest
from twoway.webhooks.voice import KIND as VOICE
from twoway.webhooks.voice import Voice

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]

PATH = re.compile(r"/hooks/([a-z0-9_]{1,20})/([A-Za-z0-9_-]{8,64})/(inbound|status|voice)/?")
MOST_BYTES = 1_048_576

TOO_LARGE = HttpResponse(status=413, body=b"Too large.\n")
WRONG_METHOD = HttpResponse(status=405, headers={"allow": "GET, POST"}, body=b"Use POST.\n")


class Gone(Exception):
    """The caller hung up before the end of its request: there is nobody to answer, and the rest will come again."""


class Hooks:
    """The webhook application of one process. `public_url` is the address providers sign; `call_spool` keeps what is
    said about calls while the database is away."""

    def __init__(self, *, take: intake.Intake, public_url: str, call_spool: Spool | None = None) -> None:
        self._intake = take
        self.voice = Voice(take, spool=call_spool)
        self._public_url = public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._handle(scope, receive)
        except Gone:
            return
        await answer(send, response)

    async def _handle(self, scope: Scope, receive: Receive) -> HttpResponse:
        found = PATH.fullmatch(scope["path"])
        if found is None:
            return intake.NOT_FOUND
        if scope["method"] not in {"GET", "POST"}:
            return WRONG_METHOD
        body = await read(receive)
        if body is None:
            return TOO_LARGE
        provider, hook, kind = found.groups()
        if kind == VOICE:
            return await self.voice.take(provider=provider, hook=hook, raw=self._raw(scope, body))
        return await self._intake.take(provider=provider, hook=hook, kind=kind, raw=self._raw(scope, body))

    def _raw(self, scope: Scope, body: bytes) -> RawRequest:
        query: bytes = scope["query_string"]
        path: bytes = (scope.get("raw_path") or scope["path"].encode()).partition(b"?")[0]
        target = path + b"?" + query if query else path
        return self._request(scope["method"], target, scope["headers"], body, scope.get("client"))

    def offer(
        self, method: str, target: bytes, headers: Headers, body: bytes, client: tuple[str, int] | None
    ) -> Parcel | HttpResponse | Coroutine[Any, Any, HttpResponse]:
        """The short road: a parcel to wait for, an answer, or a coroutine where something has to be read first."""
        door = _door(target)
        if door is None:
            return intake.NOT_FOUND
        provider, hook, kind = door
        raw = self._request(method, target, headers, body, client)
        if kind == VOICE:
            return self.voice.take(provider=provider, hook=hook, raw=raw)
        offered = self._intake.offer(provider=provider, hook=hook, kind=kind, raw=raw)
        return self._intake.take(provider=provider, hook=hook, kind=kind, raw=raw) if offered is None else offered

    def outcome(self, parcel: Parcel, *, stored: bool) -> HttpResponse:
        """The answer to a parcel that was waited for."""
        return self._intake.outcome(parcel, stored=stored)

    def _request(
        self, method: str, target: bytes, headers: Headers, body: bytes, client: tuple[str, int] | None
    ) -> RawRequest:
        return RawRequest(
            method=method,
            url=self._public_url + target.decode("latin-1"),
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in headers},
            body=body,
            received_at=intake.now(),
            remote=client[0] if client else "",
        )


@lru_cache(maxsize=1024)
def _door(target: bytes) -> tuple[str, str, str] | None:
    """The provider, the hook and the kind a target names; nearly every request comes to one of a few."""
    found = PATH.fullmatch(target.partition(b"?")[0].decode("latin-1"))
    return (found[1], found[2], found[3]) if found else None


async def read(receive: Receive) -> bytes | None:
    """The whole body, or None when it is over 1 MiB. Raises `Gone`."""
    parts: list[bytes] = []
    size, is_more = 0, True
    while is_more and size <= MOST_BYTES:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        is_more = message.get("more_body", False)
    return b"".join(parts) if size <= MOST_BYTES else None


async def answer(send: Send, response: HttpResponse) -> None:
    """Send one whole response."""
    headers = [(name.encode(), value.encode()) for name, value in response.headers.items()]
    headers.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})
