"""Fetching what somebody else names: only from public addresses, at most so many bytes, in so many seconds.

The address is checked where the connection is made, after the name was looked up, so a name that points elsewhere a
moment later gains nothing. Every redirect is checked like the first address, and credentials stay with the host they
were meant for. What an operator named (`trusted`) may be anywhere, also on this machine.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from twoway.lib.words import noted

PORTS = frozenset({80, 443, 8080, 8443})
MOST_REDIRECTS = 5
CONNECT_WITHIN = 5.0  # seconds
SILENCE = 15.0  # seconds without a byte
LONGEST_URL = 4000
USER_AGENT = "Twoway"
_PIECE = 256 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
_DEFAULT_PORTS = {"http": 80, "https": 443}


class NotFetched(Exception):
    """It could not be had. `code` is one of `WORDS`; `is_final` says that another try makes no sense."""

    def __init__(self, code: str, detail: str = "", *, is_final: bool = False) -> None:
        super().__init__(detail or WORDS[code])
        self.code = code
        self.is_final = is_final


WORDS = {
    "bad_address": noted("The address can't be used."),
    "not_public": noted("The address is not a public one."),
    "too_big": noted("The file is too big."),
    "too_slow": noted("The file came too slowly."),
    "unreachable": noted("The server could not be reached."),
    "gone": noted("The file is not there any more."),
    "not_allowed": noted("The server refused us the file."),
    "server": noted("The server answered with an error."),
    "too_many_redirects": noted("The server sent us from one address to the next."),
    "empty": noted("The file is empty."),
}


class _Private(OSError):
    """A connection to an address that is not public was about to be made."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What to fetch. `headers` are sent to the first host only. `size` is in bytes, `timeout` in seconds for all."""

    url: str
    headers: Mapping[str, str]
    size: int
    timeout: float = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Got:
    """What came, written to the file that was named: its type as the server declares it, and where it was at last."""

    size: int
    content_type: str
    url: str
    disposition: str = ""


class Guarded:
    """Connections to public addresses and, apart from them, to those an operator trusts, at most `limit` at a time.

    Use as an asynchronous context manager. `resolver` looks names up instead of the system's.
    """

    options: Mapping[str, Any] = {}
    """More of aiohttp's for each session."""
    headers: Mapping[str, str] = {"User-Agent": USER_AGENT}

    def __init__(self, *, limit: int = 16, resolver: AbstractResolver | None = None) -> None:
        self._limit = limit
        self._resolver = resolver
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def __aenter__(self) -> Self:
        for is_trusted in (False, True):
            connector = aiohttp.TCPConnector(
                limit=self._limit,
                keepalive_timeout=20.0,
                ttl_dns_cache=30,
                resolver=self._resolver,
                socket_factory=None if is_trusted else public_socket,
            )
            self._sessions[is_trusted] = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=self.headers,
                trust_env=False,
                **self.options,
            )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            await session.close()


class Fetcher(Guarded):
    """Connections for fetching.

    `fetch` takes addresses of the operator's as `trusted`, such as https://media.internal:9000; paths in them do not
    matter.
    """

    options: Mapping[str, Any] = {
        "auto_decompress": False,
        "skip_auto_headers": ("Accept-Encoding",),
        "read_bufsize": _PIECE,
    }
    headers: Mapping[str, str] = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}

    async def fetch(self, wanted: Wanted, *, into: Path, trusted: Collection[str] = ()) -> Got:
        """Write the file to `into`. Raises `NotFetched`; nothing is left behind then."""
        try:
            async with asyncio.timeout(wanted.timeout):
                return await self._follow(wanted, into, frozenset(filter(None, map(origin, trusted))))
        except TimeoutError as error:
            _remove(into)
            raise NotFetched("too_slow") from error
        except BaseException:
            _remove(into)
            raise

    async def _follow(self, wanted: Wanted, into: Path, trusted: frozenset[str]) -> Got:
        url, headers = wanted.url, dict(wanted.headers)
        for _ in range(MOST_REDIRECTS + 1):
            is_trusted = origin(url) in trusted
            checked(url, is_trusted=is_trusted)
            found = await self._ask(url, headers, wanted, into, is_trusted=is_trusted)
            if isinstance(found, Got):
                return found
            following = urljoin(url, found)
            if url.startswith("https:") and not following.startswith("https:"):
                raise NotFetched("bad_address", "A redirect leads from https to something else.", is_final=True)
            if origin(following) != origin(url):
                headers = {}
            url = following
        raise NotFetched("too_many_redirects", is_final=True)

    async def _ask(
        self, url: str, headers: Mapping[str, str], wanted: Wanted, into: Path, *, is_trusted: bool
    ) -> Got | str:
        """The file, or the address a redirect names."""
        within = aiohttp.ClientTimeout(total=wanted.timeout, connect=CONNECT_WITHIN, sock_read=SILENCE)
        try:
            async with self._sessions[is_trusted].get(
                URL(url, encoded=True), headers=headers, allow_redirects=False, timeout=within
            ) as response:
                location = response.headers.get("Location", "")
                if response.status in _REDIRECTS and location:
                    return location
                _check_answer(response, wanted.size)
                size = await _write(response, into, wanted.size)
                return Got(
                    size=size,
                    content_type=response.headers.get("Content-Type", "").partition(";")[0].strip().lower()[:100],
                    disposition=response.headers.get("Content-Disposition", "")[:400],
                    url=url,
                )
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, _Private) or isinstance(error.__cause__, _Private):
                raise NotFetched("not_public", is_final=True) from error
            raise NotFetched("unreachable", _said(error)) from error
        except _Private as error:
            raise NotFetched("not_public", is_final=True) from error
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
            raise NotFetched("bad_address", is_final=True) from error
        except TimeoutError as error:
            raise NotFetched("too_slow") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NotFetched("unreachable", _said(error)) from error


def origin(url: str) -> str:
    """Scheme, host and port of an address, such as https://example.com:443, or "" when it has none."""
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        return ""
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}" if parts.hostname and port else ""


def checked(url: str, *, is_trusted: bool = False) -> None:
    """Whether an address may be tried at all. Raises `NotFetched`. Names are checked when they are looked up."""
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise NotFetched("bad_address", is_final=True) from error
    host = parts.hostname or ""
    if parts.scheme not in _DEFAULT_PORTS or not host or len(url) > LONGEST_URL or not url.isprintable():
        raise NotFetched("bad_address", is_final=True)
    if is_trusted:
        return
    if parts.username is not None or port not in PORTS:
        raise NotFetched("bad_address", is_final=True)
    if not _may_be_public(host):
        raise NotFetched("not_public", is_final=True)


def _may_be_public(host: str) -> bool:
    """False for addresses in digits, however they are written, that are not public; a name is looked up later."""
    bare = host.strip("[]")
    try:
        return is_public(bare)
    except ValueError:
        pass
    with suppress(OSError):
        return is_public(socket.inet_ntoa(socket.inet_aton(bare)))  # 127.1, 0x7f000001, 2130706433
    return not (bare.endswith((".localhost", ".local", ".internal")) or bare == "localhost" or "." not in bare)


def is_public(address: str) -> bool:
    """Whether an IP address is one anybody on the internet could reach. Raises `ValueError`.

    Addresses that carry an IPv4 address inside (mapped, 6to4, Teredo, NAT64) are judged by that one.
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and any(found in network for network in _TRANSLATED):
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast and not found.is_reserved


def public_socket(address: tuple[Any, ...]) -> socket.socket:
    """A socket for one looked-up address; refuses the ones that are not public. It sees what is really connected to."""
    family, kind, protocol, _, target = address
    if family not in {socket.AF_INET, socket.AF_INET6} or not is_public(str(target[0])):
        raise _Private(f"{target[0]} is not a public address")
    return socket.socket(family=family, type=kind, proto=protocol)


def _check_answer(response: aiohttp.ClientResponse, most: int) -> None:
    status = response.status
    if status in {404, 410}:
        raise NotFetched("gone", f"HTTP {status}")
    if status in {401, 403}:
        raise NotFetched("not_allowed", f"HTTP {status}")
    if not 200 <= status < 300 or status == 206:
        raise NotFetched("server", f"HTTP {status}")
    if response.headers.get("Content-Encoding", "identity").lower() not in {"identity", ""}:
        raise NotFetched("server", "The file is encoded.")
    if (response.content_length or 0) > most:
        raise NotFetched("too_big", is_final=True)


async def _write(response: aiohttp.ClientResponse, into: Path, most: int) -> int:
    """The body, piece by piece, to the disk; its size."""
    size = 0
    with into.open("wb") as file:
        async for piece in response.content.iter_any():
            size += len(piece)
            if size > most:
                raise NotFetched("too_big", is_final=True)
            file.write(piece)
    if not size:
        raise NotFetched("empty")
    return size


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


def _said(error: BaseException) -> str:
    """What went wrong, without the address, which may hold a secret."""
    return type(error).__name__
