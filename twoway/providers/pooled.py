"""Keep-alive connections to providers: what `http.Transport` calls with, brought in by its first call.

One call costs a third of the processor time a general client takes, which is most of what delivering a text costs. The
bytes are read by httptools (RFC 9112); what a connection is in the middle of is `line.Line`.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections import defaultdict
from functools import cache, lru_cache
from socket import SOCK_STREAM
from typing import NamedTuple
from urllib.parse import urlsplit

from aiohappyeyeballs import start_connection

from twoway.providers.base import HttpRequest, HttpResponse, NotConnected, Rejected, Uncertain
from twoway.providers.http import CONNECT_WITHIN, USER_AGENT, said
from twoway.providers.line import Broken, Line

KEEP_IDLE = 20.0  # seconds; shorter than any provider keeps its end
NEXT_ADDRESS_AFTER = 0.25  # seconds: RFC 8305 section 5, "Connection Attempt Delay"
_TARGET = re.compile(r"[!-~]*")
_PORTS = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """Where a connection leads."""

    scheme: str
    host: str
    port: int


class Pool:
    """At most `limit` connections at a time. To be made within a running loop and closed there."""

    def __init__(self, *, limit: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._slots = asyncio.Semaphore(limit)
        self._limit = limit
        self._lines: dict[Line, Origin] = {}
        self._idle: defaultdict[Origin, list[Line]] = defaultdict(list)
        self._sweeping: asyncio.TimerHandle | None = None

    async def close(self) -> None:
        """Close every connection."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        lines = list(self._lines)
        for line in lines:
            line.close()
        if lines:
            await asyncio.wait([line.closed for line in lines], timeout=1.0)
        for line in lines:
            line.abort()

    async def call(self, request: HttpRequest) -> HttpResponse:
        """Make one call, whose headers were checked. Raises as `Transport.call` does."""
        origin, host, target = _address(request.url)
        data = _written(request, host=host, target=target)
        until = self._loop.time() + request.timeout
        connect_until = self._loop.time() + min(CONNECT_WITHIN, request.timeout / 2)
        if self._slots.locked():
            await self._slot(connect_until)
        else:
            await self._slots.acquire()
        try:
            line = self._kept(origin) or await self._connected(origin, until=connect_until)
            return await self._exchange(line, origin, request.method, data, until=until)
        finally:
            self._slots.release()

    async def _slot(self, until: float) -> None:
        try:
            async with asyncio.timeout_at(until):
                await self._slots.acquire()
        except TimeoutError as error:
            raise NotConnected("No connection became free in time.") from error

    def _kept(self, origin: Origin) -> Line | None:
        """An idle connection that is still open, the one used last."""
        idle = self._idle[origin]
        while idle:
            line = idle.pop()
            if line.is_usable:
                return line
        return None

    async def _connected(self, origin: Origin, *, until: float) -> Line:
        """A new connection. Raises `NotConnected`."""
        self._make_room()
        try:
            async with asyncio.timeout_at(until):
                line = await self._connect(origin)
        except TimeoutError as error:
            raise NotConnected("The connection took too long.") from error
        except (OSError, ssl.SSLError, UnicodeError) as error:
            raise NotConnected(said(error)) from error
        self._lines[line] = origin
        line.closed.add_done_callback(lambda _: self._lines.pop(line, None))
        return line

    async def _connect(self, origin: Origin) -> Line:
        infos = await self._loop.getaddrinfo(origin.host, origin.port, type=SOCK_STREAM)
        found = await start_connection(infos, happy_eyeballs_delay=NEXT_ADDRESS_AFTER, interleave=1)
        try:
            name = origin.host if origin.scheme == "https" else None
            context = _tls() if name else None
            _, line = await self._loop.create_connection(Line, sock=found, ssl=context, server_hostname=name)
        except BaseException:
            found.close()
            raise
        return line

    def _make_room(self) -> None:
        """Close the connection that was idle for the longest, when there are as many as may be."""
        if len(self._lines) < self._limit:
            return
        idle = [line for lines in self._idle.values() for line in lines]
        if idle:
            self._drop(min(idle, key=lambda line: line.idle_since))

    def _drop(self, line: Line) -> None:
        origin = self._lines.pop(line, None)
        if origin is not None and line in self._idle[origin]:
            self._idle[origin].remove(line)
        line.close()

    async def _exchange(self, line: Line, origin: Origin, method: str, data: bytes, *, until: float) -> HttpResponse:
        timer = self._loop.call_at(until, line.run_out)
        try:
            answer = await line.ask(data, has_body=method != "HEAD")
        except Broken as error:
            line.close()
            raise Uncertain(str(error), provider_code=error.status) from error
        except BaseException:
            line.abort()
            raise
        finally:
            timer.cancel()
        if line.is_usable:
            line.idle_since = self._loop.time()
            self._idle[origin].append(line)
            self._sweep_later()
        else:
            line.close()
        return answer

    def _sweep_later(self) -> None:
        if self._sweeping is None:
            self._sweeping = self._loop.call_later(KEEP_IDLE / 2, self._sweep)

    def _sweep(self) -> None:
        """Close what was idle for too long."""
        self._sweeping = None
        oldest = self._loop.time() - KEEP_IDLE
        for origin, lines in list(self._idle.items()):
            for line in [one for one in lines if one.idle_since <= oldest or not one.is_usable]:
                self._drop(line)
            if not lines:
                del self._idle[origin]
        if self._idle:
            self._sweep_later()


@lru_cache(maxsize=1024)
def _address(url: str) -> tuple[Origin, str, str]:
    """Where it leads, the Host header and the target, as the provider wrote it. Raises `Rejected("config")`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _impossible(str(error)) from error
    host = parts.hostname or ""
    if parts.scheme not in _PORTS or not host or parts.username is not None or not _TARGET.fullmatch(url):
        raise _impossible("it must be http or https, with a host and without blanks or a password")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    shown = f"[{host}]" if ":" in host else host
    if port is not None and port != _PORTS[parts.scheme]:
        shown = f"{shown}:{port}"
    return Origin(parts.scheme, host, port if port is not None else _PORTS[parts.scheme]), shown, target


def _impossible(why: str) -> Rejected:
    return Rejected("config", f"This address can't be called: {why}.")


def _written(request: HttpRequest, *, host: str, target: str) -> bytes:
    """The request as it leaves (RFC 9112 section 3)."""
    lines = [f"{request.method} {target} HTTP/1.1", f"Host: {host}"]
    names = {name.lower() for name in request.headers}
    if "user-agent" not in names:
        lines.append(f"User-Agent: {USER_AGENT}")
    if "accept" not in names:
        lines.append("Accept: */*")
    if request.body or request.method not in {"GET", "HEAD", "DELETE"}:
        lines.append(f"Content-Length: {len(request.body)}")
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + request.body


@cache
def _tls() -> ssl.SSLContext:
    """The machine's trusted certificates, loaded once."""
    return ssl.create_default_context()
