"""The doors for calls: verify what a provider says about a call, take it in, answer with what the call is to do.

A caller listens to silence until the answer is there, so nothing is queued. While the database is away, or slow, the
call is answered from memory, and what was said about it is kept on disk and taken in, in order, when the database is
back. What can't be verified or understood is set aside as with texts, and the call is ended politely.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import psycopg
import structlog
from django.db import IntegrityError, InterfaceError, OperationalError, close_old_connections, connection

from twoway.channels.urls import hook_url
from twoway.lib.logs import new_trace
from twoway.messaging import intake
from twoway.messaging.calls import hearing, standby
from twoway.messaging.calls.hearing import Told
from twoway.messaging.calls.standby import Number, Standby
from twoway.messaging.directory import Route
from twoway.messaging.spool import Spool
from twoway.messaging.spool import Told as Kept
from twoway.messaging.writer import Parcel
from twoway.providers.base import HttpResponse, Malformed, RawRequest
from twoway.providers.voice import base, registry
from twoway.providers.voice.base import Hangup, Heard, Step

log = structlog.get_logger(__name__)

KIND = "voice"
MOST_AT_ONCE = 8
WITHIN = 3.0
"""Seconds a caller waits for the database before the call is answered without it."""
TRIES = 3
"""Of one webhook: connections from before the database's restart fail once each, and its person may be merged with
another while it is taken in."""
LOOK_EVERY, READ_EVERY = 1.0, 60.0
MOST_BROUGHT = 50
AWAY = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError, TimeoutError, OSError)
STRANGER = "It is about a call nobody here knows."


class Voice:
    """The doors for calls of one process. `run` reads what they lean on, and brings in what was kept in `spool`."""

    def __init__(self, take: intake.Intake, *, spool: Spool | None = None) -> None:
        self._intake = take
        self._spool = spool
        self._room = asyncio.Semaphore(MOST_AT_ONCE)
        self._bringing: asyncio.Task[None] | None = None
        self.threads = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="voice")
        self.standby = Standby()

    async def take(self, *, provider: str, hook: str, raw: RawRequest) -> HttpResponse:
        """What the provider is told. 403 and 404 as for texts; 503 for a number nobody knows yet while the database is
        away, and for what nobody waits for and can't be kept."""
        try:
            async with asyncio.timeout(WITHIN):
                route = await self._intake.route_of(provider, hook)
        except AWAY:
            return intake.BUSY
        voice = registry.get(provider)
        if route is None or voice is None:
            await self._intake.set_aside(route=route, hook=hook, kind=KIND, raw=raw, reason="unknown_hook")
            return intake.NOT_FOUND
        if not _is_signed(voice, route, raw):
            await self._intake.set_aside(route=route, hook=hook, kind=KIND, raw=raw, reason="bad_signature")
            return intake.FORBIDDEN
        try:
            heard = voice.parse(raw)
        except Exception as error:  # an adapter's mistake must not lose a call: it can be replayed after the fix
            await self._set_aside(route, raw, "malformed", _why(error))
            return _written(voice, route, Told(instructions=self.standby.sorry(_number(route))))
        route = self._intake.called(route, heard.called) if heard.is_inbound or heard.step == Step.CALLED else route
        if not route.is_active:
            await self._set_aside(route, raw, "unknown_number", "This number of ours is switched off.")
            return _written(voice, route, Told(instructions=(Hangup(),)))
        return await self._answer(voice, route, heard, raw)

    async def _answer(self, voice: base.Voice, route: Route, heard: Heard, raw: RawRequest) -> HttpResponse:
        try:
            async with asyncio.timeout(WITHIN):
                await self._catch_up()
                told = await self._hear(route, heard, raw)
        except AWAY as error:
            log.warning("call_without_database", step=heard.step.value, why=str(error) or type(error).__name__)
            is_kept = await self._keep(route, raw)
            if not is_kept and heard.step not in hearing.ANSWERED:
                return intake.BUSY
            told = self._without(route, heard, raw)
        except Exception as error:  # the caller must hear something; what was said can be replayed after the fix
            log.exception("call_not_taken_in", step=heard.step.value)
            await self._set_aside(route, raw, "malformed", _why(error))
            told = self._without(route, heard, raw)
        if told.is_lost:
            await self._set_aside(route, raw, "malformed", STRANGER)
        return _written(voice, route, told)

    async def _hear(self, route: Route, heard: Heard, raw: RawRequest) -> Told:
        async with self._room:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self.threads, _hear, route.id, heard, raw.received_at)

    def _without(self, route: Route, heard: Heard, raw: RawRequest) -> Told:
        """What is told from memory."""
        told, ref = self.standby.tell(_number(route), heard, at=raw.received_at)
        return Told(instructions=told, ref=ref)

    async def _keep(self, route: Route, raw: RawRequest) -> bool:
        """Put what was said on disk; whether that was possible."""
        if self._spool is None or not self._spool.is_open:
            log.error("call_not_kept", channel_id=route.id)
            return False
        door = (route.provider, route.hook, KIND)
        return await self._spool.keep([Parcel(raw, [], intake.NOT_FOUND, new_trace(), door)])

    async def _set_aside(self, route: Route, raw: RawRequest, reason: str, detail: str) -> None:
        await self._intake.set_aside(route=route, hook=route.hook, kind=KIND, raw=raw, reason=reason, detail=detail)

    async def _catch_up(self) -> None:
        """Bring in what was kept before anything newer. Raises what says that the database is away still.

        Whoever waits for it may give up; it goes on.
        """
        if self._spool is None or not self._spool.entries:
            return
        if self._bringing is None or self._bringing.done():
            self._bringing = asyncio.create_task(self._bring_all(self._spool))
            self._bringing.add_done_callback(_looked_at)
        await asyncio.shield(self._bringing)

    async def _bring_all(self, spool: Spool) -> None:
        while spool.entries:
            kept = await spool.oldest(MOST_BROUGHT)
            for number, one in enumerate(kept):
                try:
                    await self._bring_in(one)
                except AWAY:
                    await spool.drop(number)
                    raise
            await spool.drop(len(kept))
            log.info("calls_brought_in", requests=len(kept), left=spool.entries)

    async def _bring_in(self, kept: Kept | None) -> None:
        if kept is None:
            return
        route, voice = await self._intake.route_of(kept.provider, kept.hook), registry.get(kept.provider)
        if route is None or voice is None:
            await self._intake.set_aside(route=None, hook=kept.hook, kind=KIND, raw=kept.raw, reason="unknown_hook")
            return
        try:
            told = await self._hear(route, voice.parse(kept.raw), kept.raw)
            why = STRANGER if told.is_lost else ""
        except AWAY:
            raise
        except Exception as error:  # the next one must have its turn; this one can be replayed after the fix
            log.exception("kept_call_not_taken_in", trace=kept.trace)
            why = _why(error)
        if why:
            await self._set_aside(route, kept.raw, "malformed", why)

    async def run(self) -> None:
        """Until it is cancelled: bring in what was kept, and read what calls are answered from without a database."""
        if self._spool is not None:
            await self._spool.open()
        read_at = float("-inf")
        loop = asyncio.get_running_loop()
        try:
            while True:
                try:
                    await self._catch_up()
                    if loop.time() - read_at >= READ_EVERY:
                        self.standby = await loop.run_in_executor(self.threads, _read)
                        read_at = loop.time()
                except AWAY as error:
                    log.warning("calls_wait_for_database", why=str(error) or type(error).__name__)
                except Exception:  # a loop that ended here would leave calls on disk without a word
                    log.exception("calls_not_brought_in")
                await asyncio.sleep(LOOK_EVERY)
        finally:
            if self._spool is not None:
                self._spool.close()
            self.threads.shutdown(wait=False, cancel_futures=True)


def _looked_at(task: asyncio.Task[None]) -> None:
    """Whoever waited has heard of a failure; when nobody waited any more, the next look tries again."""
    if not task.cancelled():
        task.exception()


def _is_signed(voice: base.Voice, route: Route, raw: RawRequest) -> bool:
    try:
        return voice.verify(route.account, raw)
    except Exception:  # an adapter's mistake must not become an open door
        log.exception("call_not_verified", provider=route.provider)
        return False


def _hear(channel_id: int, heard: Heard, at: datetime) -> Told:
    for left in reversed(range(TRIES)):
        close_old_connections()
        try:
            return hearing.hear(channel_id=channel_id, heard=heard, at=at)
        except (OperationalError, InterfaceError, IntegrityError):
            connection.close()
            if not left:
                raise
        finally:
            close_old_connections()
    raise AssertionError("unreachable")


def _read() -> Standby:
    close_old_connections()
    try:
        return standby.read(at=datetime.now(UTC))
    finally:
        close_old_connections()


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, Malformed) else f"{type(error).__name__}: {error}"


def _number(route: Route) -> Number:
    return Number(
        channel_id=route.id,
        workspace_id=route.workspace_id,
        hook=route.hook,
        address=route.address,
        business=route.business,
    )


def _written(voice: base.Voice, route: Route, told: Told) -> HttpResponse:
    url = hook_url(route.provider, route.hook, "voice")
    return voice.write(route.account, told.instructions, url=url, ref=told.ref)
