"""One writer of intake: a connection of its own, a batch at a time, each batch one transaction.

A batch the database refuses is halved until the one bad row is alone; that row goes to quarantine.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psycopg
import structlog
from psycopg import AsyncConnection

from twoway.messaging import acquaint, inbound, parts, quarantine_bulk, receipts
from twoway.messaging.rows import InboundRow
from twoway.providers.base import HttpResponse, RawRequest

log = structlog.get_logger(__name__)

LONGEST_WAIT = 10.0
RECONNECT_EVERY = 0.25

Row = InboundRow | receipts.ReceiptRow | quarantine_bulk.QuarantineRow


@dataclass(slots=True)
class Parcel:
    """The rows of one request, stored together, and the answer it gets then."""

    raw: RawRequest
    rows: list[Row]
    answer: HttpResponse
    trace: str
    door: tuple[str, str, str] = ("", "", "")
    """Provider, hook and kind of a verified request; empty when nobody could verify it."""
    then: Callable[[bool], None] | None = None
    is_settled: bool = False

    def settle(self, stored: bool) -> None:
        """Tell whoever waits for it, once."""
        if self.is_settled:
            return
        self.is_settled = True
        if self.then is not None:
            self.then(stored)

    async def stored(self) -> bool:
        """Wait until it is stored, or cannot be. A waiter that goes away is forgotten."""
        told = asyncio.get_running_loop().create_future()
        self.then = lambda stored: None if told.done() else told.set_result(stored)
        is_stored: bool = await told
        return is_stored


class Writer:
    """Writes parcels. `is_well` says whether the database answered at last; it is tried for `patience` seconds.

    A commit that neither fails nor ends within `stuck_after` seconds has its connection broken.
    """

    def __init__(self, *, dsn: str, patience: float = LONGEST_WAIT, stuck_after: float | None = None) -> None:
        self._dsn = dsn
        self._patience = patience
        self._stuck_after = stuck_after
        self._connection: AsyncConnection[Any] | None = None
        self.is_well = True

    async def write(self, batch: list[Parcel]) -> int:
        """Store a batch and settle its parcels; how many were stored.

        Tries again while the database is away, and halves a batch it refuses. When the database stays away, `is_well`
        is false and the parcels are left unsettled.
        """
        deadline = asyncio.get_running_loop().time() + self._patience
        while True:
            try:
                heard = await self._in_time(batch)
            except (psycopg.OperationalError, psycopg.InterfaceError, inbound.Incomplete, OSError) as error:
                await self.hang_up()
                if asyncio.get_running_loop().time() > deadline:
                    return self._give_up(batch, error)
                log.warning("intake_tries_again", parcels=len(batch), why=str(error))
                await asyncio.sleep(RECONNECT_EVERY)
            except Exception as error:  # whatever is wrong with one text, the writer must go on
                await self.hang_up()
                return await self._halve(batch, error)
            else:
                self.is_well = True
                for parcel in batch:
                    parcel.settle(True)
                log.info("webhooks_stored", traces=[parcel.trace for parcel in batch], receipts_of=sorted(heard))
                return len(batch)

    def _give_up(self, batch: list[Parcel], error: Exception) -> int:
        self.is_well = False
        log.error("intake_gave_up", parcels=len(batch), why=str(error))
        return 0

    async def _halve(self, batch: list[Parcel], error: Exception) -> int:
        if len(batch) > 1:
            middle = len(batch) // 2
            return await self.write(batch[:middle]) + await self.write(batch[middle:])
        parcel = batch[0]
        if all(isinstance(row, quarantine_bulk.QuarantineRow) for row in parcel.rows):
            log.error("intake_could_not_quarantine", trace=parcel.trace, why=str(error))
            parcel.settle(False)
            return 0
        log.error("intake_refused_by_database", trace=parcel.trace, why=str(error))
        routes = [row.route for row in parcel.rows if not isinstance(row, quarantine_bulk.QuarantineRow)]
        row = quarantine_bulk.row(
            raw=parcel.raw, trace=parcel.trace, kind="refused", reason="refused", detail=str(error), route=routes[0]
        )
        parcel.rows = [row]
        return await self.write([parcel])

    async def _in_time(self, batch: Sequence[Parcel]) -> set[str]:
        """Commit; what hangs is broken off, as if the database had hung up."""
        connection = await self._connected()
        if self._stuck_after is None:
            return await self._commit(connection, batch)
        loop = asyncio.get_running_loop()
        watch = loop.call_later(self._stuck_after, _break_off, connection.fileno(), len(batch))
        try:
            return await self._commit(connection, batch)
        finally:
            watch.cancel()

    async def _commit(self, connection: AsyncConnection[Any], batch: Sequence[Parcel]) -> set[str]:
        """Store a batch in one transaction; the traces of the messages whose receipts were in it."""
        rows = [row for parcel in batch for row in parcel.rows]
        texts = [row for row in rows if isinstance(row, InboundRow)]
        heard = [row for row in rows if isinstance(row, receipts.ReceiptRow)]
        strays = [row for row in rows if isinstance(row, quarantine_bulk.QuarantineRow)]
        traces: set[str] = set()
        is_plain = len(texts) == len(rows) and not any(row.has_more for row in texts)
        people = acquaint.strangers(texts)
        if is_plain and await inbound.store_known(connection, texts):
            if people:
                await acquaint.after(connection, people)
            return traces
        async with connection.transaction():
            if people:
                await acquaint.before(connection, people)
            texts = await parts.gather(connection, texts)
            if texts:
                await inbound.store(connection, texts)
            if people:
                await acquaint.after(connection, people)
            if heard:
                traces = await receipts.store(connection, heard)
            if strays:
                await quarantine_bulk.store(connection, strays)
        return traces

    async def _connected(self) -> AsyncConnection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = await psycopg.AsyncConnection.connect(
                self._dsn, autocommit=True, connect_timeout=3, application_name="twoway intake"
            )
        return self._connection

    async def hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


def _break_off(descriptor: int, parcels: int) -> None:
    """Shut the connection's socket down: whoever waits for the database hears that it is gone."""
    log.error("intake_stuck", parcels=parcels)
    with socket.socket(fileno=os.dup(descriptor)) as line, suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
