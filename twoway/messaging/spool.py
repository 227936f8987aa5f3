"""Verified webhooks kept on this machine's disk while the database is away, and brought in, in order, when it is back.

A request is answered 2xx only when it is on disk; beyond the spool's size, or when the disk is full, it is told to come
again. What nobody could verify is not kept, and neither are the secrets in a request.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import structlog

from twoway.lib.journal import Journal
from twoway.messaging.shielding_raw import cleaned
from twoway.messaging.writer import Parcel
from twoway.providers.base import RawRequest

log = structlog.get_logger(__name__)


class Spool:
    """The spool of one web process. Reading and writing happen in a thread, one after the other."""

    def __init__(self, root: Path, *, most_bytes: int) -> None:
        self._root = root
        self._most = most_bytes
        self._journal: Journal | None = None
        self._one_at_a_time = asyncio.Lock()
        self.kept = 0

    async def open(self) -> None:
        """Claim a folder; without one there is no spool, which is logged."""
        try:
            self._journal = await asyncio.to_thread(Journal.claim, self._root, most_bytes=self._most)
            await asyncio.to_thread(self._journal.adopt)
        except OSError as error:
            log.error("spool_not_open", folder=str(self._root), why=str(error))

    @property
    def is_open(self) -> bool:
        return self._journal is not None

    @property
    def entries(self) -> int:
        """Requests on disk that are not in the database yet."""
        return self._journal.entries if self._journal else 0

    @property
    def size(self) -> int:
        """Their bytes."""
        return self._journal.size if self._journal else 0

    async def keep(self, parcels: Sequence[Parcel]) -> bool:
        """Put these on disk, all or none; whether that was possible."""
        if self._journal is None:
            return False
        try:
            async with self._one_at_a_time:
                await asyncio.to_thread(self._journal.append, [_packed(parcel) for parcel in parcels])
        except OSError as error:
            log.error("spool_refused", parcels=len(parcels), why=str(error))
            return False
        self.kept += len(parcels)
        return True

    async def oldest(self, count: int) -> list[Told | None]:
        """The oldest requests, at most `count`; None for one that cannot be read, which is logged."""
        if self._journal is None:
            return []
        async with self._one_at_a_time:
            return [_told(entry) for entry in await asyncio.to_thread(self._journal.peek, count)]

    async def drop(self, count: int) -> None:
        """The oldest are in the database."""
        if self._journal is not None:
            async with self._one_at_a_time:
                await asyncio.to_thread(self._journal.drop, count)

    def close(self) -> None:
        journal, self._journal = self._journal, None
        if journal is not None:
            journal.close()


class Told:
    """One request as it was kept: where it came in, what it said, and the kinds of secrets taken out of it."""

    __slots__ = ("hook", "kind", "provider", "raw", "shielded", "trace")

    def __init__(self, told: dict[str, Any]) -> None:
        self.provider: str = told["provider"]
        self.hook: str = told["hook"]
        self.kind: str = told["kind"]
        self.trace: str = told["trace"]
        self.shielded: tuple[str, ...] = tuple(told.get("shielded", ()))
        self.raw = RawRequest(
            method=told["method"],
            url=told["url"],
            headers=told["headers"],
            body=base64.b64decode(told["body"]),
            received_at=datetime.fromisoformat(told["received_at"]),
            remote=told["remote"],
        )


def _told(entry: bytes) -> Told | None:
    try:
        return Told(orjson.loads(entry))
    except (ValueError, KeyError, TypeError) as error:
        log.error("spool_entry_unreadable", why=f"{type(error).__name__}: {error}")
        return None


def _packed(parcel: Parcel) -> bytes:
    raw, kinds = cleaned(parcel.raw)
    provider, hook, kind = parcel.door
    return orjson.dumps(
        {
            "provider": provider,
            "hook": hook,
            "kind": kind,
            "trace": parcel.trace,
            "method": raw.method,
            "url": raw.url,
            "headers": dict(raw.headers),
            "body": base64.b64encode(raw.body).decode("ascii"),
            "received_at": raw.received_at.isoformat(),
            "remote": raw.remote,
            "shielded": list(kinds),
        }
    )
