"""The worker's loop that hands queued messages to providers.

Claim a batch, commit, call the provider outside any transaction, write what came of it in small groups. Nothing is sent
twice: what may have left is uncertain, and `reconcile` asks the provider's own list before it is tried again.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import structlog
from django.conf import settings
from psycopg import AsyncConnection

from twoway.channels import urls
from twoway.messaging import claims, database, failover, reconcile, results
from twoway.messaging.claims import Claimed
from twoway.messaging.directory import Directory, Route
from twoway.messaging.sessions import Sessions, Timing
from twoway.providers.base import Accepted, NotConnected, OutboundText, SendError, Uncertain
from twoway.providers.http import Transport

log = structlog.get_logger(__name__)

MOST_IN_FLIGHT = 192
MOST_PER_CLAIM = 128
KEPT_FOR_PEOPLE = 32
"""Calls that a text to many may not use, so that a person's reply finds a free one at once."""
LEAST_ROOM = MOST_IN_FLIGHT // 2
GATHER_ROOM = 0.05  # seconds a busy worker waits for that much room before it claims again
MOST_PER_GROUP = 100
GATHER_RESULTS = 0.008  # seconds a busy worker waits for more results, so that they share a commit
LOOK_EVERY = 1.0
TIDY_EVERY = 1.0
LEASE = timedelta(seconds=30)
LONGEST_HOLD = timedelta(seconds=10)
LONGEST_VALIDITY = 36_000


def now() -> datetime:
    """The clock of delivery; everything below it is told the time."""
    return datetime.now(UTC)


async def run(stop: asyncio.Event) -> None:
    """Deliver until `stop` is set, then finish what is in flight."""
    async with Transport(limit=MOST_IN_FLIGHT) as transport:
        delivery = Delivery(dsn=database.dsn(), directory=Directory(settings.SEALING_KEY), transport=transport)
        await delivery.run(stop)


class Delivery:
    """One worker's delivery. It may run beside any number of others on the same database."""

    def __init__(self, *, dsn: str, directory: Directory, transport: Transport, timing: Timing | None = None) -> None:
        self._dsn = dsn
        self._directory = directory
        self._transport = transport
        self._worker = f"{socket.gethostname()[:20]}:{os.getpid()}:{secrets.token_hex(3)}"
        self._wake = asyncio.Event()
        self._room = asyncio.Event()
        self._in_flight: set[asyncio.Task[None]] = set()
        self._done: list[results.Result] = []
        self._written = asyncio.Event()
        self._directory_changed = True
        self._lines = failover.Lines()
        self._trying: set[str] = set()
        self._sessions = Sessions(
            dsn=dsn, directory=directory, worker=self._worker, changed=self._session_changed, timing=timing
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Keep claiming, recording and reconciling; a lost database connection only makes them wait."""
        recording_over = asyncio.Event()
        loops = [
            asyncio.create_task(self._keep(self._listen, stop)),
            asyncio.create_task(self._keep(self._claim_loop, stop)),
            asyncio.create_task(self._keep(self._reconcile_loop, stop)),
            asyncio.create_task(self._keep(self._lines_loop, stop)),
        ]
        recorder = asyncio.create_task(self._keep(self._record_loop, recording_over))
        sessions = asyncio.create_task(self._sessions.run())
        await stop.wait()
        self._wake.set()
        await asyncio.wait(loops, timeout=5)
        for loop in loops:
            loop.cancel()
        if self._in_flight:
            await asyncio.wait(self._in_flight, timeout=settings.DRAIN_SECONDS)
        sessions.cancel()
        await asyncio.gather(sessions, return_exceptions=True)
        recording_over.set()
        self._written.set()
        await asyncio.wait([recorder], timeout=5)
        recorder.cancel()

    async def _keep(self, loop: Any, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                async with await psycopg.AsyncConnection.connect(
                    self._dsn, autocommit=True, connect_timeout=3, application_name="twoway delivery"
                ) as connection:
                    await loop(connection, stop)
            except (psycopg.OperationalError, psycopg.InterfaceError, OSError) as error:
                log.warning("delivery_waits_for_database", loop=loop.__name__, why=str(error))
                await asyncio.sleep(0.5)
            except Exception:  # a loop that ended here would leave texts unsent without a word
                log.exception("delivery_loop_failed", loop=loop.__name__)
                await asyncio.sleep(0.5)

    async def _listen(self, connection: AsyncConnection[Any], stop: asyncio.Event) -> None:
        await connection.execute("LISTEN twoway_outbox")
        await connection.execute("LISTEN twoway_channels")
        self._wake.set()
        while not stop.is_set():
            async for notice in connection.notifies(timeout=1.0, stop_after=1):
                self._directory_changed |= notice.channel == "twoway_channels"
                self._wake.set()

    async def _claim_loop(self, connection: AsyncConnection[Any], stop: asyncio.Event) -> None:
        tidied = datetime.min.replace(tzinfo=UTC)
        while not stop.is_set():
            self._wake.clear()
            if self._directory_changed or self._directory.is_stale:
                self._directory_changed = False
                await self._directory.refresh(connection)
                self._lines.adopt(self._directory.routes.values())
            if now() - tidied > timedelta(seconds=TIDY_EVERY):
                tidied = now()
                await claims.tidy(connection, at=tidied, lease=LEASE)
            again_in = await self._claim_round(connection)
            if again_in is None:
                due_in = await claims.next_due(connection, at=now())
                again_in = LOOK_EVERY if due_in is None else min(LOOK_EVERY, max(due_in, 0.01))
            await self._rest(again_in)

    async def _rest(self, seconds: float) -> None:
        """Until it is worth looking again; with many in flight a moment longer, as a small claim costs as much."""
        if seconds > 0:
            await _either(self._wake, seconds)
        if len(self._in_flight) > MOST_IN_FLIGHT - LEAST_ROOM:
            self._room.clear()
            await _either(self._room, GATHER_ROOM)

    async def _claim_round(self, connection: AsyncConnection[Any]) -> float | None:
        """Claim for every sender with work; seconds until it is worth looking again, None when nothing is queued."""
        again_in: float | None = None
        for channel_id in await claims.senders_with_work(connection, self._directory.active_ids()):
            again_in = LOOK_EVERY if again_in is None else again_in
            route = self._directory.by_id(channel_id)
            if len(self._in_flight) >= MOST_IN_FLIGHT:
                return 0.0
            if route is None or not self._sessions.is_mine(route):
                continue
            outcome = await self._claim(connection, route)
            for message in outcome.claimed:
                task = asyncio.create_task(self._hand_over(message))
                self._in_flight.add(task)
                task.add_done_callback(self._landed)
            if outcome.again_in is not None:
                again_in = min(again_in, outcome.again_in)
        return again_in

    async def _claim(self, connection: AsyncConnection[Any], route: Route) -> claims.Round:
        """What may leave from one number now. What can't, because it is paused or down, leaves from the next one."""
        at = now()
        stand = self._lines.stand(route, at=at)
        if stand in {"paused", "down", "off"} or not self._sessions.is_open(route):
            moved = await failover.move(connection, route=route, directory=self._directory, lines=self._lines, at=at)
            most = MOST_PER_CLAIM
            await claims.claim(connection, route=route, worker=self._worker, limit=most, at=at, holds=True)
            return claims.Round(again_in=0.0 if moved else None)
        room = min(MOST_IN_FLIGHT - len(self._in_flight), self._sessions.room(route))
        if room <= 0:
            return claims.Round()
        limit = min(room, MOST_PER_CLAIM)
        if self._lines.is_half_open(route):
            if route.account_key in self._trying:
                return claims.Round()
            limit = 1
        outcome = await claims.claim(
            connection,
            route=route,
            worker=self._worker,
            limit=limit,
            at=at,
            most_broadcasts=max(room - KEPT_FOR_PEOPLE, 0),
        )
        if outcome.claimed and self._lines.is_half_open(route):
            self._trying.add(route.account_key)
        return outcome

    def _session_changed(self, route: Route, is_reached: bool) -> None:
        """A session was bound, or could not be: how its number stands follows from that."""
        self._lines.heard(route, is_reached=is_reached, at=now())
        self._wake.set()

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._in_flight.discard(task)
        if len(self._in_flight) == MOST_IN_FLIGHT - LEAST_ROOM:
            self._room.set()

    async def _hand_over(self, message: Claimed) -> None:
        result = await self._call(message)
        self._trying.discard(message.route.account_key)
        self._done.append(result)
        self._written.set()

    async def _call(self, message: Claimed) -> results.Result:
        if now() - message.claimed_at > LONGEST_HOLD:
            return results.failed(message, NotConnected("The claim was held too long."), at=now())
        try:
            said = await self._handed(message)
        except SendError as error:
            log.info(
                "text_not_taken",
                trace=message.trace,
                message_id=message.id,
                code=error.code,
                provider_code=error.provider_code,
                why=error.detail,
            )
            self._lines.heard(message.route, is_reached=not isinstance(error, NotConnected | Uncertain), at=now())
            return results.failed(message, error, at=now())
        except Exception as error:  # an adapter's mistake must not send a text twice
            log.exception("text_outcome_unknown", trace=message.trace, message_id=message.id)
            return results.failed(message, Uncertain(str(error)), at=now())
        self._lines.heard(message.route, is_reached=True, at=now())
        return results.accepted(message, said, at=now())

    async def _handed(self, message: Claimed) -> Accepted:
        """Hand one text over, by a call or over the channel's session. Raises a `SendError`."""
        adapter, text = message.route.adapter, outbound_text(message)
        if adapter.is_session:
            return await self._sessions.hand_over(message.route, text)
        return adapter.read_send(await self._transport.call(adapter.send(message.route.account, text)))

    async def _record_loop(self, connection: AsyncConnection[Any], stop: asyncio.Event) -> None:
        while not (stop.is_set() and not self._done):
            await self._written.wait()
            if len(self._in_flight) > len(self._done):
                await asyncio.sleep(GATHER_RESULTS)
            self._written.clear()
            group, self._done = self._done[:MOST_PER_GROUP], self._done[MOST_PER_GROUP:]
            if not group:
                continue
            try:
                await results.record(connection, group, self._directory.routes)
            except BaseException:
                self._done = group + self._done
                self._written.set()
                raise
            _log_taken(group)
            self._come_back(group)
            self._wake.set()
            if self._done:
                self._written.set()

    def _come_back(self, group: Sequence[results.Result]) -> None:
        """Look again when a text of this group may be tried again; what others wrote is found by looking regularly."""
        waits = [(one.again_at - now()).total_seconds() for one in group if one.again_at is not None]
        if waits:
            asyncio.get_running_loop().call_later(max(min(waits), 0.0), self._wake.set)

    async def _lines_loop(self, connection: AsyncConnection[Any], stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self._lines.tell(connection, self._directory)
            if await self._lines.probe(self._directory, self._transport, at=now()):
                self._wake.set()
            await _either(self._lines.changed, failover.LOOK_EVERY)
            self._lines.changed.clear()
        await self._lines.tell(connection, self._directory)

    async def _reconcile_loop(self, connection: AsyncConnection[Any], stop: asyncio.Event) -> None:
        while not stop.is_set():
            settled = await reconcile.step(connection, directory=self._directory, transport=self._transport, at=now())
            if settled:
                self._wake.set()
            try:
                async with asyncio.timeout(reconcile.LOOK_EVERY):
                    await stop.wait()
            except TimeoutError:
                continue


async def _either(event: asyncio.Event, seconds: float) -> None:
    """Until the event, or so long."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


def _log_taken(group: Sequence[results.Result]) -> None:
    """One line for all texts of a group: trace, our id and the provider's id of each."""
    taken = [one for one in group if one.outcome == "accepted"]
    if taken:
        log.info("texts_taken", texts=[f"{one.message.trace} {one.message.id} {one.provider_id}" for one in taken])


def outbound_text(message: Claimed) -> OutboundText:
    """What the provider is given. The status address names our message, so an early receipt finds it."""
    route = message.route
    left = LONGEST_VALIDITY
    if message.expires_at is not None:
        left = int((message.expires_at - message.claimed_at).total_seconds())
    return OutboundText(
        ref=str(message.id),
        recipient=message.recipient,
        sender=message.sender,
        body=message.body,
        media=message.media,
        template=message.template,
        status_url=f"{urls.hook_url(route.provider, route.hook, 'status')}?m={message.id}",
        validity=min(max(left, 1), LONGEST_VALIDITY),
    )
