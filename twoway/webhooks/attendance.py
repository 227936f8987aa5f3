"""Who has a browser open, told to the database: one statement for all of a process, however many come and go.

A member whose first window opens, or whose last one closes, is written a moment later together with whoever else came
or went in it; everybody who stays is written each minute. Nothing is written where nothing is routed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import psycopg
import structlog

from twoway.routing.presence.beats import SEEN

log = structlog.get_logger(__name__)

GATHER_SECONDS = 0.25
BEAT_SECONDS = 60.0


class Attendance:
    """What one web process tells. `there` names the members who have a window open with it now."""

    def __init__(self, *, dsn: str, there: Callable[[], Iterable[int]]) -> None:
        self._dsn = dsn
        self._there = there
        self._moved: set[int] = set()
        self._wake = asyncio.Event()
        self.written = 0

    def moved(self, member_id: int) -> None:
        """Somebody's first window opened, or their last one closed."""
        self._moved.add(member_id)
        self._wake.set()

    async def run(self) -> None:
        """Tell until it is cancelled; what the database refused is told the next time."""
        clock = asyncio.get_running_loop().time
        beat_at = clock() + BEAT_SECONDS
        while True:
            try:
                async with asyncio.timeout_at(beat_at):
                    await self._wake.wait()
                await asyncio.sleep(GATHER_SECONDS)
                members = set(self._moved)
            except TimeoutError:
                beat_at = clock() + BEAT_SECONDS
                members = set(self._there()) | self._moved
            self._wake.clear()
            self._moved.clear()
            if members:
                await self._tell(members)

    async def _tell(self, members: set[int]) -> None:
        try:
            connection = await psycopg.AsyncConnection.connect(
                self._dsn, autocommit=True, connect_timeout=3, application_name="twoway attendance"
            )
            async with connection:
                await connection.execute(SEEN, {"members": sorted(members), "at": datetime.now(UTC)})
            self.written += 1
        except (psycopg.Error, OSError) as error:
            self._moved |= members
            log.warning("attendance_not_told", why=str(error))
