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
from twoway.messaging.rows import InboundRow
from twoway.messaging.shielding_raw import in_order
from twoway.messaging.spool import Spool, Told
from twoway.messaging.writer import Parcel, Row
from twoway.messaging.writing import Writing
from twoway.providers.base import HttpResponse, Malformed, RawRequest, Receipt, Unread

log = structlog.get_logger(__name__)

FEWEST_PER_BATCH, MOST_PER_BATCH = 32, 200
UNKNOWN_PER_MINUTE = 60

FORBIDDEN = HttpResponse(status=403, body=b"The signature did not match.\n")
NOT_FOUND = HttpResponse(status=404, body=b"No channel has this address.\n")
BUSY = HttpResponse(status=503, headers={"retry-after": "5"}, body=b"Busy. Send it again.\n")


class Intake:
    """The intake of one web process. `take` is called for each webhook; `run` writes."""

    def __init__(self, *, dsn: str, directory: Directory, queue_limit: int, spool: Spool | None = None) -> None:
        self._dsn = dsn
        self._spool = spool
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

        A request nobody can use is stored in quarantine. While the database is away, verified requests go to the spool.
        Beyond the queue's limit, or when there is no room on disk, the answer is 503, so that the provider sends it
        again.
        """
        offered = self.offer(provider=provider, hook=hook, kind=kind, raw=raw)
        if offered is None:
            try:
                await self._refresh()
            except (psycopg.OperationalError, OSError):
                self.refused += 1
                return BUSY
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

    async def route_of(self, provider: str, hook: str) -> Route | None:
        """The channel of a hook, read from the database when nobody here knows it yet.

        Raises `psycopg.OperationalError`, `OSError`.
        """
        route = self._directory.by_hook(provider, hook)
        if route is None and self._directory.may_read_again:
            await self._refresh()
            route = self._directory.by_hook(provider, hook)
        return route

    def called(self, hooked: Route, number: str) -> Route:
        """As `Directory.called`."""
        return self._directory.called(hooked, number)

    async def set_aside(
        self, *, route: Route | None, hook: str, kind: str, raw: RawRequest, reason: str, detail: str = ""
    ) -> bool:
        """Keep a request nobody can use in quarantine; False when there is no room, or it is not worth keeping."""
        trace = new_trace()
        if len(self._waiting) >= self._limit or self._closing:
            return False
        if route is None:
            parcel = self._unknown_hook(hook, kind, raw, trace)
        else:
            parcel = _quarantined(raw, trace, kind, route, reason, detail, FORBIDDEN)
        if parcel is None:
            return False
        self._waiting.append(parcel)
        self._wake.set()
        return await parcel.stored()

    def accept(self, *, route: Route, kind: str, raw: RawRequest) -> Parcel | None:
        """As `offer`, for what came over a session of ours, whose bind vouches for it. None when there is no room."""
        if len(self._waiting) >= self._limit or self._closing:
            self.refused += 1
            return None
        parcel = self._understood(route, kind, raw, new_trace())
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
        except Exception as error:  # an adapter's mistake must not lose a text: it can be replayed after the fix
            return _not_understood(error, raw, trace, kind, route)
        return self._understood(route, kind, raw, trace)

    def _understood(self, route: Route, kind: str, raw: RawRequest, trace: str) -> Parcel:
        """The rows of a verified request; what cannot be understood is a row of quarantine."""
        adapter = route.adapter
        door = (route.provider, route.hook, kind)
        try:
            rows = understand(self._directory, route, raw, trace, kind)
        except Malformed as error:
            return _quarantined(raw, trace, kind, route, "malformed", str(error), adapter.answer())
        except Exception as error:  # an adapter's mistake must not lose a text: it can be replayed after the fix
            return _not_understood(error, raw, trace, kind, route)
        return Parcel(raw, rows, adapter.answer(), trace, door)

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
        if self._spool is not None:
            await self._spool.open()
        writing = Writing(dsn=self._dsn, spool=self._spool, read=self._read_again)
        while not (self._closing and not self._waiting):
            if writing.is_behind:
                waiting, self._waiting = self._waiting, []
                self._wake.clear()
                self.stored += await writing.catch_up(waiting, self._wake)
            elif not self._waiting:
                self._wake.clear()
                await self._wake.wait()
            else:
                size = min(max(FEWEST_PER_BATCH, len(self._waiting) // 2), MOST_PER_BATCH)
                batch, self._waiting = self._waiting[:size], self._waiting[size:]
                self.stored += await writing.write(batch)
                if not writing.is_well:
                    waiting, self._waiting = self._waiting, []
                    await writing.put_aside(waiting)
        await writing.close()

    async def _read_again(self, told: Told) -> Parcel:
        """A parcel of a request that was verified when it came, and kept on disk since."""
        route = self._directory.by_hook(told.provider, told.hook)
        if route is None:
            await self._refresh()
            route = self._directory.by_hook(told.provider, told.hook)
        if route is None:
            row = quarantine_bulk.row(
                raw=told.raw, trace=told.trace, kind=told.kind, reason="unknown_hook", hook=told.hook
            )
            return Parcel(told.raw, [row], NOT_FOUND, told.trace)
        parcel = self._understood(route, told.kind, told.raw, told.trace)
        if told.shielded:
            for each in parcel.rows:
                if isinstance(each, InboundRow):
                    each.kinds = in_order((*each.kinds, *told.shielded))
        return parcel

    def close(self) -> None:
        """Take nothing more, and let `run` end when everything taken is stored."""
        self._closing = True
        self._wake.set()


def understand(directory: Directory, route: Route, raw: RawRequest, trace: str, kind: str) -> list[Row]:
    """The rows of one verified request. Raises `Malformed`.

    A request with a text to a number that is not ours, or with an item nobody understands, is kept raw too, once each.
    """
    rows: list[Row] = []
    odd: dict[tuple[str, str], None] = {}
    for said in route.adapter.parse(raw):
        if isinstance(said, Receipt):
            rows.append(receipts.row(route=directory.sender(route, said), receipt=said, at=raw.received_at))
        elif isinstance(said, Unread):
            odd["malformed", said.detail] = None
        elif (recipient := directory.recipient(route, said)) is None:
            detail = f"It was sent to {said.recipient}, which is not an active channel of this workspace."
            odd["unknown_number", detail] = None
        else:
            rows.append(inbound.row(route=recipient, text=said, trace=trace, at=raw.received_at))
    for reason, detail in odd:
        rows.append(quarantine_bulk.row(raw=raw, trace=trace, kind=kind, reason=reason, detail=detail, route=route))
    return rows


def _not_understood(error: Exception, raw: RawRequest, trace: str, kind: str, route: Route) -> Parcel:
    log.error("webhook_not_understood", provider=route.provider, exc_info=error)
    detail = f"{type(error).__name__}: {error}"
    return _quarantined(raw, trace, kind, route, "malformed", detail, route.adapter.answer())


def _quarantined(
    raw: RawRequest, trace: str, kind: str, route: Route, reason: str, detail: str, answer: HttpResponse
) -> Parcel:
    row = quarantine_bulk.row(raw=raw, trace=trace, kind=kind, reason=reason, detail=detail, route=route)
    return Parcel(raw, [row], answer, trace)


def now() -> datetime:
    """The moment a webhook arrives; the one place on this road that reads the clock."""
    return datetime.now(UTC)
