"""The doors for calls: verify what a provider says about a call, take it in, answer with what the call is to do.

A caller listens to silence until the answer is there, so nothing is queued. What can't be verified or understood is set
aside as with texts, and the call is ended politely.
"""

from __future__ import annotations

import asyncio

import psycopg
import structlog
from django.db import DatabaseError, close_old_connections

from twoway.channels.urls import hook_url
from twoway.messaging import intake
from twoway.messaging.calls import hearing
from twoway.messaging.calls.hearing import Told
from twoway.messaging.directory import Route
from twoway.providers.base import HttpResponse, Malformed, RawRequest
from twoway.providers.voice import base, registry
from twoway.providers.voice.base import Hangup, Heard

log = structlog.get_logger(__name__)

KIND = "voice"
MOST_AT_ONCE = 8


class Voice:
    """The doors for calls of one process."""

    def __init__(self, take: intake.Intake) -> None:
        self._intake = take
        self._room = asyncio.Semaphore(MOST_AT_ONCE)

    async def take(self, *, provider: str, hook: str, raw: RawRequest) -> HttpResponse:
        """What the provider is told. 403 and 404 as for texts; 503 while the database is away."""
        try:
            route = await self._intake.route_of(provider, hook)
        except (psycopg.OperationalError, OSError):
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
        except Malformed as error:
            return await self._unusable(voice, route, raw, "malformed", str(error))
        if not route.is_active:
            return await self._unusable(voice, route, raw, "unknown_number", "This number of ours is switched off.")
        try:
            async with self._room:
                told = await asyncio.to_thread(_hear, route.id, heard, raw)
        except (DatabaseError, psycopg.OperationalError) as error:
            log.warning("call_waits_for_database", why=str(error))
            return intake.BUSY
        return _written(voice, route, told)

    async def _unusable(
        self, voice: base.Voice, route: Route, raw: RawRequest, reason: str, detail: str
    ) -> HttpResponse:
        """Set aside what was said, and end the call."""
        await self._intake.set_aside(route=route, hook=route.hook, kind=KIND, raw=raw, reason=reason, detail=detail)
        return _written(voice, route, Told(instructions=(Hangup(),)))


def _is_signed(voice: base.Voice, route: Route, raw: RawRequest) -> bool:
    try:
        return voice.verify(route.account, raw)
    except Exception:  # an adapter's mistake must not become an open door
        log.exception("call_not_verified", provider=route.provider)
        return False


def _hear(channel_id: int, heard: Heard, raw: RawRequest) -> Told:
    close_old_connections()
    try:
        return hearing.hear(channel_id=channel_id, heard=heard, at=raw.received_at)
    finally:
        close_old_connections()


def _written(voice: base.Voice, route: Route, told: Told) -> HttpResponse:
    url = hook_url(route.provider, route.hook, "voice")
    return voice.write(route.account, told.instructions, url=url, ref=told.ref)
