"""From a webhook to a durable row: verify, understand, commit in a group, and only then answer.

One writer per process takes whatever has gathered while the last commit ran and commits it as one batch (`writer`). No
timer is needed, and a second writer only makes the batches smaller.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import psycopg
import structlog

from twoway.lib.logs import new_trace
from twoway.messaging import inbound, quarantine_bulk, receipts
from twoway.messaging.directory import Directory, Route
from twoway.messaging.writer import Parcel, Row, Writer
from twoway.providers.base import HttpResponse, Inbound, Malformed, RawRequest

log = structlog.get_logger(__name__)

FEWEST_PER_BATCH, MOST_PER_BATCH = 32, 200
UNKNOWN_PER_MINUTE = 60

FORBIDDEN = HttpResponse(status=403, body=b"The signature did not match.\n")
NOT_FOUND = HttpResponse(status=404, body=b"No channel has this address.\n")
BUSY = HttpResponse(status=503, headers={"retry-after": "5"}, body=b"Busy. Send it again.\n")


class Intake:
    """The intake of one web process. `take` is called for each webhook; `run` writes."""

    def __init__(self, *, dsn: str, directory: Directory, queue_limit: int) -> None:
        self._dsn = dsn
        self._directory = directory
        self._limit = queue_limit
        self._waiting: list[Parcel] = []
        self._wake = asyncio.Event()
        self._closing = False
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
            return self.outcome(offered, stored=await offered.stored())
        return offered or NOT_FOUND

    def outcome(self, parcel: Parcel, *, stored: bool) -> HttpResponse:
        """What one request is answered when its rows are stored, or could not be."""
        if stored:
            return parcel.answer
        self.refused += 1
        return BUSY

    def offer(self, *, provider: str, hook: str, kind: str, raw: RawRequest) -> Parcel | HttpResponse | None:
        """As `take` without waiting: a parcel whose `then` is called after the commit, or an answer at once.

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
        if not isinstance(parcel, Parcel):
            return parcel or NOT_FOUND
        self._waiting.append(parcel)
        self._wake.set()
        return parcel

    def _parcel(self, route: Route, kind: str, raw: RawRequest, trace: str) -> Parcel | HttpResponse:
        adapter = route.adapter
        try:
            if raw.method == "GET" and (greeting := adapter.greet(route.account, raw)) is not None:
                return greeting
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
        """Write batches until `close`; what is waiting then is still written.

        A batch is half of what waits: its answers bring the next requests, which are read while the other half commits.
        """
        writer = Writer(dsn=self._dsn)
        while not (self._closing and not self._waiting):
            if not self._waiting:
                self._wake.clear()
                await self._wake.wait()
                continue
            size = min(max(FEWEST_PER_BATCH, len(self._waiting) // 2), MOST_PER_BATCH)
            batch, self._waiting = self._waiting[:size], self._waiting[size:]
            stored = await writer.write(batch)
            self.stored += stored
            if not writer.is_well:
                self._give_up()
        await writer.hang_up()

    def _give_up(self) -> None:
        """The database has been away too long: everybody who waits is told to send it again."""
        waiting, self._waiting = self._waiting, []
        for parcel in waiting:
            parcel.settle(False)

    def close(self) -> None:
        """Take nothing more, and let `run` end when everything taken is stored."""
        self._closing = True
        self._wake.set()


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
