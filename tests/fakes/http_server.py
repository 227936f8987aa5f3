"""A small, fast HTTP/1.1 server for fakes: a handler answers a request, or hangs up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, Self, cast


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names are lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What to answer. `HANG_UP` closes the connection without a word."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


HANG_UP: Final = Answer(status=0)
HANG: Final = Answer(status=-1)

Handler = Callable[[Request], Answer]


class Connection(asyncio.Protocol):
    """One keep-alive connection. Requests may arrive in pieces or several at once."""

    def __init__(self, handler: Handler, open_ones: set[Connection]) -> None:
        self.handler = handler
        self.open_ones = open_ones
        self.gone = asyncio.get_running_loop().create_future()
        self.buffer = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.open_ones.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self.open_ones.discard(self)
        self.gone.set_result(None)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while not self.transport.is_closing():
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            request = self._take(end)
            if request is None:
                return
            self._write(self.handler(request))

    def _take(self, end: int) -> Request | None:
        """The first whole request of the buffer, or None while its body is incomplete."""
        first, *lines = self.buffer[:end].decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        size = int(headers.get("content-length", 0))
        start = end + 4
        if len(self.buffer) < start + size:
            return None
        body, self.buffer = self.buffer[start : start + size], self.buffer[start + size :]
        method, target, _ = first.split(" ")
        path, _, query = target.partition("?")
        return Request(method, path, query, headers, body)

    def _write(self, answer: Answer) -> None:
        if answer is HANG:
            return
        if answer is HANG_UP:
            self.transport.abort()
            return
        extra = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
        head = (
            f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\nContent-Type: {answer.content_type}\r\n"
            f"Content-Length: {len(answer.body)}\r\n{extra}\r\n"
        )
        self.transport.write(head.encode("latin-1") + answer.body)


class Listener:
    """A server that listens; `port` is where."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.port = 0
        self._connections: set[Connection] = set()

    async def start(self, *, port: int = 0, host: str = "127.0.0.1") -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._accept, host, port, backlog=1024)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def stop(self) -> None:
        """Stop listening and hang up on everybody."""
        self._server.close()
        for connection in list(self._connections):
            connection.transport.abort()
        await asyncio.gather(*(connection.gone for connection in list(self._connections)))

    async def forever(self) -> None:
        await self._server.serve_forever()

    def _accept(self) -> Connection:
        return Connection(self.handler, self._connections)
