"""Posting to an address somebody else named: guarded like fetching (`safe_fetch`), and nothing is followed or kept."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from twoway.lib.public_addresses import NotFetched, checked, origin
from twoway.lib.safe_fetch import CONNECT_WITHIN, Guarded

WITHIN = 15.0
"""Seconds for one post, its answer included."""
MOST_READ = 2048
"""Bytes of an answer that are looked at."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Posted:
    """What the server answered: its status, and after how many seconds it wants to be asked again, if it said so."""

    status: int
    retry_after: float | None = None


class Poster(Guarded):
    """Connections for posting: https only, but for origins in `trusted`, which are the operator's and anywhere."""

    options: Mapping[str, Any] = {"max_line_size": 4096, "max_field_size": 4096}

    def __init__(
        self, *, trusted: Collection[str] = (), limit: int = 16, resolver: AbstractResolver | None = None
    ) -> None:
        super().__init__(limit=limit, resolver=resolver)
        self._trusted = frozenset(trusted)

    async def post(self, url: str, *, body: bytes, headers: Mapping[str, str]) -> Posted:
        """Post once. Raises `NotFetched`; redirects are answers like any other."""
        is_trusted = origin(url) in self._trusted
        if not is_trusted and not url.startswith("https://"):
            raise NotFetched("bad_address", is_final=True)
        checked(url, is_trusted=is_trusted)
        within = aiohttp.ClientTimeout(total=WITHIN, connect=CONNECT_WITHIN)
        try:
            async with (
                asyncio.timeout(WITHIN),
                self._sessions[is_trusted].post(
                    URL(url, encoded=True), data=body, headers=headers, allow_redirects=False, timeout=within
                ) as response,
            ):
                await response.content.read(MOST_READ)
                return Posted(status=response.status, retry_after=_seconds(response.headers.get("Retry-After", "")))
        except TimeoutError as error:
            raise NotFetched("too_slow") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NotFetched("unreachable", type(error).__name__) from error


def _seconds(told: str) -> float | None:
    """Retry-After in seconds; the form with a date isn't read."""
    return float(told) if told.isascii() and told.isdigit() and len(told) < 7 else None
