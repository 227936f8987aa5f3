"""What intake does with a batch: into the database, or, while that is away, into the spool, and later from there.

While the spool holds anything, new requests go through it too: texts keep their order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import psycopg
import structlog

from twoway.messaging.spool import Spool, Told
from twoway.messaging.writer import Parcel, Writer

log = structlog.get_logger(__name__)

PATIENCE = 1.0
"""Seconds until a request whose commit fails goes to disk; some providers wait no longer than two for an answer."""
STUCK_AFTER = 5.0
"""Seconds after which a commit that neither fails nor ends is broken off."""
TRY_EVERY = 1.0
MOST_AT_ONCE = 200

Read = Callable[[Told], Awaitable[Parcel]]


class Writing:
    """The writer of one process and its spool. One caller at a time.

    `read` makes a parcel of a request that was kept; it may raise what psycopg raises.
    """

    def __init__(self, *, dsn: str, spool: Spool | None, read: Read) -> None:
        self._spool = spool
        self._read = read
        in_time = {"patience": PATIENCE, "stuck_after": STUCK_AFTER} if spool is not None else {}
        self._writer = Writer(dsn=dsn, **in_time)
        self._bringing: asyncio.Task[int] | None = None
        self._again_at = 0.0

    @property
    def is_well(self) -> bool:
        """Whether the database answered at last."""
        return self._writer.is_well

    @property
    def is_behind(self) -> bool:
        """Whether requests are on disk that are not in the database yet."""
        return self._bringing is not None or (self._spool is not None and self._spool.entries > 0)

    async def write(self, batch: Sequence[Parcel]) -> int:
        """Store a batch; what the database cannot take now is put aside. How many were stored."""
        stored = await self._writer.write(list(batch))
        if not self._writer.is_well:
            await self.put_aside([parcel for parcel in batch if not parcel.is_settled])
        return stored

    async def put_aside(self, parcels: Sequence[Parcel]) -> None:
        """Keep the verified ones on disk; whoever cannot be kept is told to come again."""
        keep = [parcel for parcel in parcels if any(parcel.door)]
        is_kept = bool(keep) and self._spool is not None and await self._spool.keep(keep)
        for parcel in parcels:
            parcel.settle(is_kept and any(parcel.door))

    async def catch_up(self, waiting: Sequence[Parcel], wake: asyncio.Event) -> int:
        """One step while the spool holds something: keep the new ones, bring in the oldest. How many came in."""
        if waiting:
            await self.put_aside(waiting)
        now = asyncio.get_running_loop().time()
        if self._bringing is None and self._spool is not None and now >= self._again_at:
            self._bringing = asyncio.create_task(self._bring_in(self._spool))
        rest = self._again_at - now if self._bringing is None else None
        woken = asyncio.create_task(wake.wait())
        tasks: set[asyncio.Task[object]] = {woken}
        if self._bringing is not None:
            tasks.add(self._bringing)
        await asyncio.wait(tasks, timeout=rest, return_when=asyncio.FIRST_COMPLETED)
        woken.cancel()
        if self._bringing is None or not self._bringing.done():
            return 0
        bringing, self._bringing = self._bringing, None
        brought = bringing.result()
        if not self._writer.is_well:
            self._again_at = asyncio.get_running_loop().time() + TRY_EVERY
        return brought

    async def close(self) -> None:
        """Hang up; what is on disk stays there for the next start."""
        if self._bringing is not None:
            await asyncio.wait({self._bringing}, timeout=STUCK_AFTER)
        await self._writer.hang_up()
        if self._spool is not None:
            self._spool.close()

    async def _bring_in(self, spool: Spool) -> int:
        told = await spool.oldest(MOST_AT_ONCE)
        try:
            parcels = [await self._read(one) for one in told if one is not None]
        except (psycopg.OperationalError, OSError):
            self._writer.is_well = False
            return 0
        stored = await self._writer.write(parcels) if parcels else 0
        if self._writer.is_well or not parcels:
            await spool.drop(len(told))
            log.info("spool_brought_in", requests=len(told), left=spool.entries)
        return stored
