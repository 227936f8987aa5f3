"""Which worker holds a channel's session: a lock in the database, and a row that says how the session is.

The lock ends with its database connection, so a worker that is killed gives it back at once. While the database is away
nobody can take the lock, and whoever holds the session keeps it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg
import structlog
from psycopg import AsyncConnection

from twoway.lib.words import noted
from twoway.messaging.sessions.naming import IN_DOUBT

log = structlog.get_logger(__name__)

LOCK_CLASS: Final = 0x534D5050
"""Keeps these locks apart from others in the database: the letters SMPP."""
TRY_LOCK = "SELECT pg_try_advisory_lock(%s, %s)"

NOTICE_DEAD_HOSTS = "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 2"

BEFORE = "SELECT state, seen_at FROM channel_session WHERE channel_id = %s"

SAY = """
    INSERT INTO channel_session AS s (channel_id, state, detail, worker, since, seen_at)
    VALUES (%(channel)s, %(state)s, %(detail)s, %(worker)s, %(since)s, %(at)s)
    ON CONFLICT (channel_id) DO UPDATE SET state = excluded.state, detail = excluded.detail, worker = excluded.worker,
        since = excluded.since, seen_at = excluded.seen_at
"""

LAST_NAMES = """
    SELECT provider_id FROM message
    WHERE channel_id = %(channel)s AND direction = 'in' AND created_at >= %(after)s
    UNION ALL
    SELECT provider_id FROM inbound_part WHERE channel_id = %(channel)s AND received_at >= %(after)s
"""


@dataclass(frozen=True, kw_only=True)
class State:
    """How a session is: `word` is bound, connecting, refused, away or stopped; `detail` a sentence for an owner."""

    word: str
    detail: str
    since: datetime


def state(word: str, detail: str) -> State:
    """From now on."""
    return State(word=word, detail=detail[:300], since=datetime.now(UTC))


class Lease:
    """One worker's claim to one channel. `held` is set while it may have the session."""

    def __init__(self, *, dsn: str, channel_id: int, worker: str, look: float) -> None:
        self._dsn, self._channel, self._worker, self._look = dsn, channel_id, worker[:40], look
        self.held = asyncio.Event()
        self.lost = asyncio.Event()
        self._state = state("connecting", noted("Connecting."))
        self._changed = asyncio.Event()

    def say(self, now: State) -> None:
        """Tell the row soon."""
        self._state = now
        self._changed.set()

    async def run(self, taken: Callable[[list[str]], Awaitable[None]]) -> None:
        """Get the lock and keep it. `taken` is told the names that a dead worker gave last."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    self._dsn, autocommit=True, connect_timeout=3, application_name="twoway session"
                ) as connection:
                    await self._keep(connection, taken)
            except (psycopg.OperationalError, psycopg.InterfaceError, OSError) as error:
                log.warning("session_waits_for_database", channel_id=self._channel, why=str(error))
                await asyncio.sleep(0.5)

    async def _keep(self, connection: AsyncConnection[Any], taken: Callable[[list[str]], Awaitable[None]]) -> None:
        await connection.execute(NOTICE_DEAD_HOSTS)
        while not await _first(connection, TRY_LOCK, (LOCK_CLASS, self._channel)):
            if self.held.is_set():
                log.warning("session_taken_by_another_worker", channel_id=self._channel)
                self.held.clear()
                self.lost.set()
            await asyncio.sleep(self._look)
        if not self.held.is_set():
            await taken(await self._names_in_doubt(connection))
            self.lost.clear()
            self.held.set()
        try:
            while True:
                self._changed.clear()
                await self._write(connection)
                try:
                    async with asyncio.timeout(self._look):
                        await self._changed.wait()
                except TimeoutError:
                    continue
        except asyncio.CancelledError:
            with suppress(psycopg.Error):
                await self._write(connection)
            raise

    async def _write(self, connection: AsyncConnection[Any]) -> None:
        values = {
            "channel": self._channel,
            "state": self._state.word,
            "detail": self._state.detail,
            "worker": self._worker,
            "since": self._state.since,
            "at": datetime.now(UTC),
        }
        await connection.execute(SAY, values)

    async def _names_in_doubt(self, connection: AsyncConnection[Any]) -> list[str]:
        """What came in just before the last holder died; nothing when it stopped in order."""
        cursor = await connection.execute(BEFORE, (self._channel,))
        found = await cursor.fetchone()
        if found is None or found[0] != "bound":
            return []
        after = found[1] - timedelta(seconds=IN_DOUBT)
        cursor = await connection.execute(LAST_NAMES, {"channel": self._channel, "after": after})
        return [name for (name,) in await cursor.fetchall()]


async def _first(connection: AsyncConnection[Any], sql: str, values: tuple[object, ...]) -> Any:
    cursor = await connection.execute(sql, values)
    found = await cursor.fetchone()
    return None if found is None else found[0]
