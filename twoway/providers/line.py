"""One keep-alive connection to a provider and what is read from it, answer by answer."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from twoway.lib.words import noted
from twoway.providers.base import HttpResponse
from twoway.providers.http import LONGEST_ANSWER, TOO_LONG

LONGEST_HEAD = 64 * 1024


class Broken(Exception):
    """The exchange ended without a whole answer; `status` is the answer's, when that much came."""

    def __init__(self, words: str, *, status: str = "") -> None:
        super().__init__(words)
        self.status = status


class Line(asyncio.Protocol):
    """A connection that is asked one thing after another.

    `closed` is done when it is gone. An answer that is not asked for, too long or malformed ends it: nobody reads what
    may belong to another question.
    """

    def __init__(self) -> None:
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.idle_since = 0.0
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[HttpResponse] | None = None
        self._begin(has_body=True)

    @property
    def is_usable(self) -> bool:
        """Whether another question may be asked."""
        return self._keeps and self._waiting is None and self._transport is not None

    async def ask(self, data: bytes, *, has_body: bool) -> HttpResponse:
        """Write a whole request and wait for its answer. Raises `Broken`: from here on, bytes may have left."""
        if self._transport is None:
            raise Broken(noted("The connection was lost."))
        self._begin(has_body=has_body)
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(data)
        return await self._waiting

    def run_out(self) -> None:
        """The time for this exchange is over."""
        self._break(noted("No answer in time."))

    def close(self) -> None:
        """End it; what was written still leaves."""
        self._keeps = False
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """End it at once."""
        self._keeps = False
        if self._transport is not None:
            self._transport.abort()

    # What the loop says -----------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport, self._keeps = None, False
        if self._waiting is not None and self._status and self._ends_with_the_line and exc is None:
            self._answer()
        self._break(str(exc) if exc else noted("The connection was lost."))
        if not self.closed.done():
            self.closed.set_result(None)

    def data_received(self, data: bytes) -> None:
        if self._waiting is None:
            self.abort()
            return
        if not self._status:
            self._head_size += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self._break(f"{type(error).__name__}: {error}"[:300])
        if not self._status and self._head_size > LONGEST_HEAD:
            self._break(TOO_LONG)

    # What the parser says ---------------------------------------------------------------------------------------------

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:  # an interim answer; the real one follows (RFC 9110 section 15.2)
            self._headers.clear()
            return
        self._status = status
        headers = self._headers
        self._ends_with_the_line = "content-length" not in headers and "chunked" not in headers.get(
            "transfer-encoding", ""
        )
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > LONGEST_ANSWER and self._has_body:
            self._break(TOO_LONG)
        elif not self._has_body:
            self._answer()

    def on_body(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > LONGEST_ANSWER:
            self._break(TOO_LONG)
        elif self._waiting is not None:
            self._parts.append(part)

    def on_message_complete(self) -> None:
        if self._status:
            self._keeps = self._keeps and self._has_body and self._parser.should_keep_alive()
            self._answer()

    # ------------------------------------------------------------------------------------------------------------------

    def _begin(self, *, has_body: bool) -> None:
        self._parser = HttpResponseParser(self)
        self._has_body = has_body
        self._keeps = True
        self._ends_with_the_line = False
        self._status = self._size = self._head_size = 0
        self._headers: dict[str, str] = {}
        self._parts: list[bytes] = []

    def _answer(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_result(HttpResponse(status=self._status, headers=self._headers, body=b"".join(self._parts)))

    def _break(self, words: str) -> None:
        """Nobody waits any longer, and the connection is of no more use."""
        waiting, self._waiting = self._waiting, None
        if waiting is None:
            return
        with suppress(asyncio.InvalidStateError):
            waiting.set_exception(Broken(words, status=str(self._status or "")))
        self.abort()
