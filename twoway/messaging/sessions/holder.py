"""The session of one channel in one worker: bound while this worker holds the lease, bound again when it breaks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

import structlog

from twoway.lib.words import noted
from twoway.messaging.directory import Route
from twoway.messaging.intake import Intake
from twoway.messaging.sessions import submitting
from twoway.messaging.sessions.lease import Lease, state
from twoway.messaging.sessions.line import BindRefused, Forbidden, Line, Timing
from twoway.messaging.sessions.naming import Delivery, Names
from twoway.providers import smpp_codes as codes
from twoway.providers.base import Accepted, NotConnected, OutboundText, RawRequest
from twoway.providers.smpp import adapter, incoming, pdu
from twoway.providers.smpp.setup import Setup

log = structlog.get_logger(__name__)

FIRST_REST: Final = 1.0
LIVED: Final = 5.0
"""Seconds after which a session that breaks is made again at once."""


class Holder:
    """One channel's session. `changed` is called when texts can leave, and with whether the SMSC could be reached."""

    def __init__(
        self,
        *,
        dsn: str,
        route: Route,
        setup: Setup,
        intake: Intake,
        worker: str,
        timing: Timing,
        changed: Callable[[Route, bool], None],
    ) -> None:
        self.route, self.setup = route, setup
        self._intake, self._timing, self._changed = intake, timing, changed
        self._lease = Lease(dsn=dsn, channel_id=route.id, worker=worker, look=timing.look)
        self._names = Names()
        self._lines: Sequence[Line] = ()
        self._bound = asyncio.Event()
        self._closing = asyncio.Event()
        self._under_way = 0
        self._unanswered = 0

    # What delivery asks

    @property
    def is_mine(self) -> bool:
        """Whether this worker holds the channel, bound or not."""
        return self._lease.held.is_set()

    @property
    def is_bound(self) -> bool:
        return self._bound.is_set()

    @property
    def room(self) -> int:
        """How many more texts may be claimed: twice the window, so that it never runs dry."""
        return max(2 * self.setup.window - self._under_way, 0) if self.is_bound else 0

    async def hand_over(self, text: OutboundText) -> Accepted:
        """Submit one text. Raises a `SendError`."""
        self._under_way += 1
        try:
            return await submitting.hand_over(self, self.setup, text, address=self.route.address, timing=self._timing)
        finally:
            self._under_way -= 1

    async def sender(self, seconds: float) -> Line:
        """The bound line to send on, waiting so long for one. Raises `NotConnected`."""
        if not self._bound.is_set() and seconds > 0 and not self._closing.is_set():
            try:
                async with asyncio.timeout(seconds):
                    await self._bound.wait()
            except TimeoutError:
                pass
        if not self._bound.is_set() or self._lines[0].is_over:
            raise NotConnected("The session is not bound.")
        return self._lines[0]

    # Its life

    async def run(self) -> None:
        """Hold the session until `end`."""
        lease = asyncio.create_task(self._lease.run(self._taken))
        try:
            await self._keep_bound()
        finally:
            self._lease.say(state("stopped", noted("The worker that held the session has stopped.")))
            lease.cancel()
            await asyncio.gather(lease, return_exceptions=True)

    async def _taken(self, names: list[str]) -> None:
        self._names.expect(names, now=_now())

    async def _keep_bound(self) -> None:
        rest = 0.0
        while await self._either(self._lease.held):
            began = _now()
            was_bound = await self._session()
            is_stable = was_bound and _now() - began > LIVED
            rest = 0.0 if is_stable else min(max(2 * rest, FIRST_REST), self._timing.again)
            if not self._closing.is_set():
                await self._either(self._lease.lost, seconds=rest)

    async def _session(self) -> bool:
        """One session from bind to end; whether it was bound at all."""
        self._lease.say(state("connecting", f"Connecting to {self.setup.place}."))
        try:
            lines = await self._open()
        except (BindRefused, Forbidden) as error:
            self._failed("refused", str(error))
        except (OSError, EOFError, TimeoutError, pdu.PduError) as error:
            self._failed("away", f"{self.setup.place} can't be reached: {str(error) or 'no answer'}.")
        else:
            await self._serve(lines)
            return True
        return False

    def _failed(self, word: str, detail: str) -> None:
        log.warning("session_not_bound", channel_id=self.route.id, why=detail)
        self._lease.say(state(word, detail))
        self._changed(self.route, False)

    async def _open(self) -> list[Line]:
        is_both = self.setup.bind == "transceiver"
        commands = (pdu.BIND_TRANSCEIVER,) if is_both else (pdu.BIND_TRANSMITTER, pdu.BIND_RECEIVER)
        lines: list[Line] = []
        try:
            for command in commands:
                lines.append(  # noqa: PERF401 - those opened are closed when the next can't be
                    await Line.open(self.setup, command, timing=self._timing, deliver=self._deliver)
                )
        except BaseException:
            for line in lines:
                line.end("the other bind failed")
            raise
        return lines

    async def _serve(self, lines: list[Line]) -> None:
        """Carry texts until a line ends, the lease is lost or the worker stops."""
        self._lines = lines
        self._bound.set()
        since = datetime.now(UTC)
        self._lease.say(state("bound", f"Bound to {self.setup.place} since {since:%Y-%m-%d %H:%M} UTC."))
        log.info("session_bound", channel_id=self.route.id, place=self.setup.place)
        self._changed(self.route, True)
        running = [asyncio.create_task(line.run()) for line in lines]
        others = [asyncio.create_task(one.wait()) for one in (self._lease.lost, self._closing)]
        try:
            await asyncio.wait([*running, *others], return_when=asyncio.FIRST_COMPLETED)
            self._bound.clear()
            if self._closing.is_set() or self._lease.lost.is_set():
                await self._part()
        finally:
            self._bound.clear()
            for line in lines:
                line.end("the other connection is over")
            for one in others:
                one.cancel()
            ended = await asyncio.gather(*running, return_exceptions=True)
            self._names.broken(now=_now())
            log.warning("session_over", channel_id=self.route.id, why=[str(one) for one in ended])

    async def _part(self) -> None:
        """Answer what is being stored, then unbind."""
        gives_up_at = _now() + self._timing.unbind
        while self._unanswered and _now() < gives_up_at:  # noqa: ASYNC110 - the writer settles them
            await asyncio.sleep(0.02)
        await asyncio.gather(*(line.unbind() for line in self._lines), return_exceptions=True)

    def end(self) -> None:
        """Take nothing more; `run` unbinds and ends."""
        self._closing.set()

    async def _either(self, event: asyncio.Event, *, seconds: float | None = None) -> bool:
        """Wait for an event, for so long or for the end; whether there is anything left to do."""
        waits = [asyncio.create_task(event.wait()), asyncio.create_task(self._closing.wait())]
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for one in waits:
            one.cancel()
        return not self._closing.is_set()

    # What comes in

    def _deliver(self, line: Line, found: pdu.Pdu) -> None:
        """Hand a deliver_sm to intake; it is answered when it is durable, and refused for now when it can't be."""
        delivery = self._names.name(found.body, now=_now())
        heard = incoming.Heard(
            id=delivery.name, address=self.route.address, alphabet=self.setup.alphabet, ids=self.setup.ids
        )
        raw = RawRequest(
            method="DELIVER_SM",
            url=self.setup.place,
            headers=adapter.headers(heard),
            body=found.octets(),
            received_at=datetime.now(UTC),
        )
        parcel = self._intake.accept(route=self.route, kind="session", raw=raw)
        if parcel is None:
            line.answer(found, codes.TEMPORARY)
            return
        self._unanswered += 1
        parcel.then = lambda stored: self._settled(line, found, delivery, stored=stored)

    def _settled(self, line: Line, found: pdu.Pdu, delivery: Delivery, *, stored: bool) -> None:
        self._unanswered -= 1
        if not line.is_over:
            delivery.answered_at = _now() if stored else None
            line.answer(found, codes.OK if stored else codes.TEMPORARY)


def _now() -> float:
    return asyncio.get_running_loop().time()
