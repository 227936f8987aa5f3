"""Calls to providers: `Transport` for the delivery loop, `call_sync` for commands and pages.

Both say how far a failed call got. `NotConnected` means that no connection was made, so nothing can have left;
`Uncertain` means that bytes may have been written. Nothing is ever repeated here, no redirect is followed, no cookie
is kept, and an answer is read up to 1 MiB.
"""

from __future__ import annotations

import re
import ssl
from functools import cache
from importlib import import_module
from time import monotonic
from types import TracebackType
from typing import Any, Self

import httpx

from twoway.lib.words import noted
from twoway.providers.base import HttpRequest, HttpResponse, NotConnected, Rejected, Uncertain

LONGEST_ANSWER = 1024 * 1024
TOO_LONG = noted("The answer is too long.")
CONNECT_WITHIN = 5.0  # seconds, waiting for a free connection included
USER_AGENT = "Twoway"

_HEADER_VALUE = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_BAD_ADDRESS = (httpx.InvalidURL, httpx.UnsupportedProtocol)


class Transport:
    """Keep-alive connections to providers, at most `limit` at a time; use as an asynchronous context manager.

    The client is brought in by the first call: many a program enters this and calls nobody.
    """

    def __init__(self, *, limit: int = 100) -> None:
        self.limit = limit
        self._is_entered = False
        self._pool: Any = None

    async def __aenter__(self) -> Self:
        self._is_entered = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        pool, self._pool, self._is_entered = self._pool, None, False
        if pool is not None:
            await pool.close()

    async def call(self, request: HttpRequest) -> HttpResponse:
        """Make one call. Raises `NotConnected`, `Uncertain`, or `Rejected("config")` for an impossible address."""
        if not self._is_entered:
            raise RuntimeError("A Transport is used inside `async with`.")
        _check_headers(request)
        if self._pool is None:
            self._pool = import_module("twoway.providers.pooled").Pool(limit=self.limit)
        answer: HttpResponse = await self._pool.call(request)
        return answer


def call_sync(request: HttpRequest) -> HttpResponse:
    """Make one call and wait for it. Raises as `Transport.call` does."""
    _check_headers(request)
    within = httpx.Timeout(request.timeout, connect=min(CONNECT_WITHIN, request.timeout / 2))
    headers = {"user-agent": USER_AGENT, "accept-encoding": "identity", **request.headers}
    try:
        with (
            httpx.Client(timeout=within, follow_redirects=False, verify=_tls(), trust_env=False) as client,
            client.stream(request.method, request.url, content=request.body or None, headers=headers) as response,
        ):
            body = _read_sync(response, until=monotonic() + request.timeout)
            return HttpResponse(status=response.status_code, headers=dict(response.headers), body=body)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise NotConnected(said(error)) from error
    except _BAD_ADDRESS as error:
        raise Rejected("config", f"This address can't be called: {error}") from error
    except httpx.HTTPError as error:
        raise Uncertain(said(error)) from error


@cache
def _tls() -> ssl.SSLContext:
    """The trusted certificates, loaded once: it takes longer than a call."""
    return httpx.create_ssl_context(trust_env=False)


def _read_sync(response: httpx.Response, *, until: float) -> bytes:
    """The whole body. Raises `Uncertain` when it is longer than we read, or comes too slowly."""
    body = bytearray()
    for part in response.iter_raw():
        body += part
        if len(body) > LONGEST_ANSWER:
            raise Uncertain(TOO_LONG, provider_code=str(response.status_code))
        if monotonic() > until:
            raise Uncertain(noted("The answer comes too slowly."), provider_code=str(response.status_code))
    return bytes(body)


def _check_headers(request: HttpRequest) -> None:
    """Refuse what can't be in a header, before a client complains with the secret in its words."""
    for name, value in request.headers.items():
        if not _HEADER_VALUE.fullmatch(value):
            raise Rejected("config", f"The header {name} has characters that can't be sent: check the credentials.")


def said(error: BaseException) -> str:
    """What went wrong, without the address and headers of the call."""
    return f"{type(error).__name__}: {error}"[:300]
