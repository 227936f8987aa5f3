"""From a webhook to a durable row: verify, understand, commit in a group, and only then answer.

One writer per process takes whatever has gathered while the last commit ran and commits it as one batch. A batch the
database refuses is halved until the one bad row is alone; that row goes to quarantine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg
import structlog
from psycopg import AsyncConnection

from twoway.lib.logs import new_trace
from twoway.messaging import inbound, quarantine_bulk, receipts
from twoway.messaging.directory import Directory, Route
from twoway.messaging.rows import InboundRow
from twoway.providers.base import HttpResponse, Inbound, Malformed, RawRequest

log = structlog.get_logger(__name__)

MOST_PER_BATCH = 200
LONGEST_WAIT = 10.0
RECONNECT_EVERY = 0.25
UNKNOWN_PER_MINUTE = 60

FORBIDDEN = HttpResponse(status=403, body=b"The signature did not match.\n")
NOT_FOUND = HttpResponse(status=404, body=b"No channel has this address.\n")
BUSY = HttpResponse(status=503, headers={"retry-after": "5"}, body=b"Busy. Send it again.\n")

Row = InboundRow | receipts.ReceiptRow | quarantine_bulk.QuarantineRow


def _future() -> asyncio.Future[bool]:
    return asyncio.get_running_loop().create_future()


@dataclass(slots=True)
class Parcel:
    """The rows of one request, stored together, and the answer it gets then."""

    raw: RawRequest
    rows: list[Row]
    answer: HttpResponse
    trace: str
    stored: asyncio.Future[bool] = field(default_factory=_future)

    def settle(self, stored: bool) -> None:
        """Tell the request; one whose provider has hung up is not waiting any more."""
        if not self.stored.done():
            self.stored.set_result(stored)


class Intake:
    """The intake of one web process. `take` is called for each webhook; `run` is the writer."""

    def __init__(self, *, dsn: str, directory: Directory, queue_limit: int) -> None:
        self._dsn = dsn
        self._directory = directory
        self._limit = queue_limit
        self._waiting: list[Parcel] = []
        self._wake = asyncio.Event()
        self._closing = False
        self._connection: AsyncConnection[Any] | None = None
        self._refreshing = asyncio.Lock()
        self._unknown: list[float] = []
        self.stored = 0
        self.refused = 0

    @property
    def waiting(self) -> int:
        """How many webhooks wait for the next commit."""
        return len(self._waiting)

    async def take(self, *, provider: str, hook: str, kind: str, raw: RawRequest) -> HttpResponse:
        """Store what one webhook says and return what its provider expects to hear.

        A request nobody can use is stored in quarantine. Beyond the queue's limit, or when the database stays away for
        10 s, the answer is 503, so that the provider sends it again.
        """
        offered = self.offer(provider=provider, hook=hook, kind=kind, raw=raw)
        if offered is None:
            await self._refresh()
            offered = self.offer(provider=provider, hook=hook, kind=kind, raw=raw)
        if isinstance(offered, Parcel):
            return self.outcome(offered, stored=await offered.stored)
        return offered or NOT_FOUND

    def outcome(self, parcel: Parcel, *, stored: bool) -> HttpResponse:
        """What one request is answered when its rows are stored, or could not be."""
        if stored:
            return parcel.answer
        self.refused += 1
        return BUSY

    def offer(self, *, provider: str, hook: str, kind: str, raw: RawRequest) -> Parcel | HttpResponse | None:
        """As `take` without waiting: a parcel whose future `stored` ends with the commit, or an answer at once.

        None when the channels have to be read first, because nobody here knows this hook yet.
        """
        if len(self._waiting) >= self._limit or self._closing:
            self.refused += 1
            return BUSY
        trace = new_trace()
        route = self._directory.by_hook(provider, hook)
        if route is None and self._directory.may_read_again:
            return None
        parcel = self._unknown_hook(hook, kind, raw, trace) if route is None else self._parcel(route, kind, raw, trace)
        if parcel is None:
            return NOT_FOUND
        self._waiting.append(parcel)
        self._wake.set()
        return parcel

    def _parcel(self, route: Route, kind: str, raw: RawRequest, trace: str) -> Parcel:
        adapter = route.adapter
        try:
            if not adapter.verify(route.account, raw):
                return _quarantined(raw, trace, kind, route, "bad_signature", "", FORBIDDEN)
            rows = understand(self._directory, route, raw, trace, kind)
        except Malformed as error:
            return _quarantined(raw, trace, kind, route, "malformed", str(error), adapter.answer())
        except Exception as error:  # an adapter's mistake must not lose a text: it can be replayed after the fix
            log.exception("webhook_not_understood", provider=route.provider)
            detail = f"{type(error).__name__}: {error}"
            return _quarantined(raw, trace, kind, route, "malformed", detail, adapter.answer())
        return Parcel(raw, rows, adapter.answer(), trace)

    def _unknown_hook(self, hook: str, kind: str, raw: RawRequest, trace: str) -> Parcel | None:
        """Keep a few of these a minute: a channel removed too early is worth seeing, a scanner is not."""
        now = raw.received_at.timestamp()
        self._unknown = [moment for moment in self._unknown if moment > now - 60]
        if len(self._unknown) >= UNKNOWN_PER_MINUTE:
            return None
        self._unknown.append(now)
        row = quarantine_bulk.row(raw=raw, trace=trace, kind=kind, reason="unknown_hook", hook=hook)
        return Parcel(raw, [row], NOT_FOUND, trace)

    async def _refresh(self) -> None:
        async with self._refreshing:
            if not self._directory.may_read_again:
                return
            async with await psycopg.AsyncConnection.connect(self._dsn, autocommit=True) as connection:
                await self._directory.refresh(connection)

    async def run(self) -> None:
        """Write batches until `close`; what is waiting then is still written."""
        while not (self._closing and not self._waiting):
            if not self._waiting:
                self._wake.clear()
                await self._wake.wait()
                continue
            batch, self._waiting = self._waiting[:MOST_PER_BATCH], self._waiting[MOST_PER_BATCH:]
            await self._write(batch)
        await self._hang_up()

    def close(self) -> None:
        """Take nothing more, and let `run` end when everything taken is stored."""
        self._closing = True
        self._wake.set()

    async def _write(self, batch: list[Parcel]) -> None:
        """Store a batch; try again while the database is away, halve it when the database refuses it."""
        deadline = asyncio.get_running_loop().time() + LONGEST_WAIT
        while True:
            try:
                heard = await self._commit(batch)
            except (psycopg.OperationalError, psycopg.InterfaceError, inbound.Incomplete, OSError) as error:
                await self._hang_up()
                if asyncio.get_running_loop().time() > deadline:
                    self._give_up(batch, error)
                    return
                log.warning("intake_tries_again", parcels=len(batch), why=str(error))
                await asyncio.sleep(RECONNECT_EVERY)
            except Exception as error:  # whatever is wrong with one text, the writer must go on
                await self._hang_up()
                await self._halve(batch, error)
                return
            else:
                self.stored += len(batch)
                for parcel in batch:
                    parcel.settle(True)
                log.info("webhooks_stored", traces=[parcel.trace for parcel in batch], receipts_of=sorted(heard))
                return

    def _give_up(self, batch: list[Parcel], error: Exception) -> None:
        """The database has been away too long: everybody who waits is told to send it again."""
        waiting, self._waiting = batch + self._waiting, []
        log.error("intake_gave_up", parcels=len(waiting), why=str(error))
        for parcel in waiting:
            parcel.settle(False)

    async def _halve(self, batch: list[Parcel], error: Exception) -> None:
        if len(batch) > 1:
            middle = len(batch) // 2
            await self._write(batch[:middle])
            await self._write(batch[middle:])
            return
        parcel = batch[0]
        if all(isinstance(row, quarantine_bulk.QuarantineRow) for row in parcel.rows):
            log.error("intake_could_not_quarantine", trace=parcel.trace, why=str(error))
            parcel.settle(False)
            return
        log.error("intake_refused_by_database", trace=parcel.trace, why=str(error))
        routes = [row.route for row in parcel.rows if not isinstance(row, quarantine_bulk.QuarantineRow)]
        row = quarantine_bulk.row(
            raw=parcel.raw, trace=parcel.trace, kind="refused", reason="refused", detail=str(error), route=routes[0]
        )
        parcel.rows = [row]
        await self._write([parcel])

    async def _commit(self, batch: Sequence[Parcel]) -> set[str]:
        """Store a batch in one transaction; the traces of the messages whose receipts were in it."""
        connection = await self._connected()
        rows = [row for parcel in batch for row in parcel.rows]
        texts = [row for row in rows if isinstance(row, InboundRow)]
        heard = [row for row in rows if isinstance(row, receipts.ReceiptRow)]
        strays = [row for row in rows if isinstance(row, quarantine_bulk.QuarantineRow)]
        traces: set[str] = set()
        is_plain = len(texts) == len(rows) and not any(row.keyword for row in texts)
        if is_plain and await inbound.store_known(connection, texts):
            return traces
        async with connection.transaction():
            if texts:
                await inbound.store(connection, texts)
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

    async def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


def understand(directory: Directory, route: Route, raw: RawRequest, trace: str, kind: str) -> list[Row]:
    """The rows of one verified request. Raises `Malformed`; a text to a number that is not ours is kept raw."""
    rows: list[Row] = []
    for said in route.adapter.parse(raw):
        if not isinstance(said, Inbound):
            rows.append(receipts.row(route=route, receipt=said, at=raw.received_at))
            continue
        recipient = directory.recipient(route, said)
        if recipient is None:
            detail = f"It was sent to {said.recipient}, which is not an active channel of this workspace."
            rows.append(
                quarantine_bulk.row(
                    raw=raw, trace=trace, kind=kind, reason="unknown_number", detail=detail, route=route
                )
            )
        else:
            rows.append(inbound.row(route=recipient, text=said, trace=trace, at=raw.received_at))
    return rows


def _quarantined(
    raw: RawRequest, trace: str, kind: str, route: Route, reason: str, detail: str, answer: HttpResponse
) -> Parcel:
    row = quarantine_bulk.row(raw=raw, trace=trace, kind=kind, reason=reason, detail=detail, route=route)
    return Parcel(raw, [row], answer, trace)


def now() -> datetime:
    """The moment a webhook arrives; the one place on this road that reads the clock."""
    return datetime.now(UTC)
