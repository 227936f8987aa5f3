"""A shorter road for webhooks inside uvicorn's HTTP/1.1 protocol.

An ASGI request costs a task, a scope, an event and two writes, about as much as everything else a webhook needs until
it is stored. A small complete POST to /hooks/ is handed to intake from the parser's callback instead, and answered with
one write. Whatever is unusual (chunked, large, pipelined, 100-continue) takes the ordinary road through `hooks`.
docs/decisions/0004-short-road.md says why and what it leans on.
"""

from __future__ import annotations

import asyncio
from functools import partial
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from twoway.messaging.writer import Parcel
from twoway.providers.base import HttpResponse
from twoway.webhooks.hooks import Hooks

PREFIX = b"/hooks/"
LARGEST = 32_768
MOST_KNOWN = 32
STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus}


class Turn:
    """What uvicorn's protocol keeps of one request; it is its own `message_event`, set as the request comes in."""

    __slots__ = (
        "body",
        "disconnected",
        "headers",
        "keep_alive",
        "method",
        "more_body",
        "response_complete",
        "road",
        "url",
    )

    def __init__(self, road: ShortRoad, *, method: str, url: bytes, headers: list[tuple[bytes, bytes]]) -> None:
        self.road: ShortRoad | None = road
        self.method = method
        self.url = url
        self.headers = headers
        self.body = bytearray()
        self.more_body = True
        self.keep_alive = True
        self.disconnected = False
        self.response_complete = False

    @property
    def message_event(self) -> Turn:
        return self

    def set(self) -> None:
        """Begin when the request is whole, once."""
        road = self.road
        if self.more_body or road is None:
            return
        self.road = None
        if not self.disconnected:
            road.begin(self)


class ShortRoad(HttpToolsProtocol):
    """uvicorn's protocol, with the short road. `hooks` and `trusts_proxies` are set by `short_road`."""

    hooks: Hooks
    trusts_proxies: bool

    def on_headers_complete(self) -> None:
        """Choose the road."""
        current: Any = self.cycle
        is_free = current is None or current.response_complete
        if not (is_free and self.url.startswith(PREFIX) and self.parser.get_method() == b"POST" and self._is_plain()):
            super().on_headers_complete()
            return
        turn = Turn(self, method="POST", url=self.url, headers=self.headers)
        turn.keep_alive = bool(self.parser.should_keep_alive())
        self.cycle = turn  # type: ignore[assignment]

    def _is_plain(self) -> bool:
        """A body of known, small size, from the one who called: what a trusted proxy forwards takes the other road."""
        if self.expect_100_continue or self.parser.get_http_version() != "1.1" or self.parser.should_upgrade():
            return False
        told = dict(self.headers)
        length = told.get(b"content-length", b"")
        if self.trusts_proxies and b"x-forwarded-for" in told:
            return False
        return length.isdigit() and len(length) < 9 and int(length) <= LARGEST

    def begin(self, turn: Turn) -> None:
        """Hand one whole request to intake."""
        offered = self.hooks.offer(turn.method, turn.url, turn.headers, bytes(turn.body), self.client)
        if isinstance(offered, Parcel):
            offered.then = partial(self._stored, turn, offered)
        elif isinstance(offered, HttpResponse):
            self._answer(turn, offered)
        else:
            task = self.loop.create_task(offered)
            self.tasks.add(task)  # type: ignore[arg-type]
            task.add_done_callback(self.tasks.discard)
            task.add_done_callback(partial(self._taken, turn))

    def _stored(self, turn: Turn, parcel: Parcel, stored: bool) -> None:
        self._answer(turn, self.hooks.outcome(parcel, stored=stored))

    def _taken(self, turn: Turn, task: asyncio.Task[HttpResponse]) -> None:
        if task.cancelled() or task.exception() is not None:
            self.transport.close()
        else:
            self._answer(turn, task.result())

    def _answer(self, turn: Turn, response: HttpResponse) -> None:
        """Write the whole answer at once."""
        if turn.disconnected or self.transport.is_closing():
            return
        first = STATUS_LINES[response.status] + _common(self.server_state.default_headers)
        last = _rest(response)
        self.transport.write(first + last if turn.keep_alive else first + b"connection: close\r\n" + last)
        turn.response_complete = True
        if not turn.keep_alive:
            self.transport.close()
        self.on_response_complete()


_shared: tuple[list[tuple[bytes, bytes]], bytes] = ([], b"")


def _common(headers: list[tuple[bytes, bytes]]) -> bytes:
    """The headers of every answer; uvicorn makes a new list of them each second, with the date."""
    global _shared
    if _shared[0] is not headers:
        _shared = (headers, b"".join(b"%b: %b\r\n" % header for header in headers))
    return _shared[1]


_rests: dict[int, tuple[HttpResponse, bytes]] = {}


def _rest(response: HttpResponse) -> bytes:
    """Our headers and the body. Nearly every answer is one of a few constants, which are put together once."""
    known = _rests.get(id(response))
    if known is not None and known[0] is response:
        return known[1]
    lines = [f"{name}: {text}\r\n".encode("latin-1") for name, text in response.headers.items()]
    rest = b"".join([*lines, b"content-length: %d\r\n\r\n" % len(response.body), response.body])
    if len(_rests) < MOST_KNOWN:
        _rests[id(response)] = (response, rest)
    return rest


def short_road(hooks: Hooks, *, trusts_proxies: bool) -> type[Any]:
    """The protocol class for these hooks, to give to uvicorn."""
    return type("ShortRoadOfHooks", (ShortRoad,), {"hooks": hooks, "trusts_proxies": trusts_proxies})
