"""Keep-alive connections to providers, on aiohttp: what `http.Transport` calls with, brought in by its first call."""

from __future__ import annotations

import aiohttp
from yarl import URL

from twoway.lib.words import noted
from twoway.providers.base import HttpRequest, HttpResponse, NotConnected, Rejected, Uncertain
from twoway.providers.http import CONNECT_WITHIN, LONGEST_ANSWER, USER_AGENT, said

KEEP_IDLE = 20.0  # seconds; shorter than any provider keeps its end
_NEVER_CONNECTED = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientConnectorCertificateError,
    aiohttp.ServerFingerprintMismatch,
    aiohttp.ConnectionTimeoutError,
)


class Pool:
    """At most `limit` connections at a time. To be made within a running loop and closed there."""

    def __init__(self, *, limit: int) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=limit, keepalive_timeout=KEEP_IDLE, ttl_dns_cache=60),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("Accept-Encoding",),
            headers={"User-Agent": USER_AGENT},
        )

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()

    async def call(self, request: HttpRequest) -> HttpResponse:
        """Make one call, whose headers were checked. Raises as `Transport.call` does."""
        within = aiohttp.ClientTimeout(
            total=request.timeout, connect=min(CONNECT_WITHIN, request.timeout / 2), ceil_threshold=60.0
        )
        try:
            async with self._session.request(
                request.method,
                URL(request.url, encoded=True),
                data=request.body or None,
                headers=request.headers,
                allow_redirects=False,
                timeout=within,
            ) as response:
                body = await _read(response)
                headers = {name.lower(): value for name, value in response.headers.items()}
                return HttpResponse(status=response.status, headers=headers, body=body)
        except _NEVER_CONNECTED as error:
            raise NotConnected(said(error)) from error
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
            raise Rejected("config", f"This address can't be called: {error}") from error
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise Uncertain(said(error)) from error


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The whole body. Raises `Uncertain` when it is longer than we read."""
    if (response.content_length or 0) > LONGEST_ANSWER:
        raise Uncertain(noted("The answer is too long."), provider_code=str(response.status))
    if response.content_length is not None:
        return await response.read()
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > LONGEST_ANSWER:
            raise Uncertain(noted("The answer is too long."), provider_code=str(response.status))
        parts.append(part)
    return b"".join(parts)
