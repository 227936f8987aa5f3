"""The worker's loop that fetches what customers sent.

Files are fetched soon after their text, several at once, with the provider's credentials only where its adapter puts
them. What fails is tried again, ever later, for a day; then it is given up in sight of everybody, and an agent can ask
for it again. A worker that dies loses nothing: its claim ends, and another one fetches.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID

import psycopg
import structlog
from django.conf import settings
from psycopg import AsyncConnection
from psycopg.rows import class_row

from twoway.lib.public_addresses import NotFetched
from twoway.lib.safe_fetch import Fetcher, Got, Wanted
from twoway.messaging import database
from twoway.messaging.directory import Directory, Route
from twoway.messaging.media import files, rules, taking
from twoway.messaging.media.taking import Taken
from twoway.providers.base import HttpRequest, HttpResponse, Media

log = structlog.get_logger(__name__)

AT_ONCE = 8
LOOK_EVERY = 5.0
TIME_FOR_ONE = 60.0  # seconds
LEASE = timedelta(minutes=5)
LONGEST_POINTER = 64 * 1024
"""Bytes of an answer that only says where a file is."""

CLAIM = """
    UPDATE media f SET attempts = attempts + 1, next_try_at = %(until)s
    WHERE f.id IN (SELECT id FROM media WHERE state = 'waiting' AND next_try_at <= %(at)s
                   ORDER BY next_try_at LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING f.id, f.key, f.source_url, f.source_id, f.content_type, f.name, f.attempts, f.created_at,
              coalesce((SELECT channel_id FROM message m WHERE m.id = f.message_id),
                       (SELECT channel_id FROM phone_call k
                        WHERE k.recording_id = f.id AND k.conversation_id = f.conversation_id LIMIT 1)) AS channel_id,
              (SELECT trace FROM message m WHERE m.id = f.message_id) AS trace
"""
NEXT = "SELECT min(next_try_at) FROM media WHERE state = 'waiting'"
HERE = """
    UPDATE media SET state = 'ready', kind = %(kind)s, content_type = %(content_type)s, size = %(size)s,
        name = %(name)s, detail = %(detail)s, width = %(width)s, height = %(height)s,
        has_thumbnail = %(has_thumbnail)s, error = '', next_try_at = NULL
    WHERE id = %(id)s AND state = 'waiting' RETURNING message_id, conversation_id
"""
NOT_HERE = """
    UPDATE media SET state = %(state)s, error = %(error)s, next_try_at = %(again_at)s
    WHERE id = %(id)s AND state = 'waiting' RETURNING message_id, conversation_id
"""
TELL = """
    SELECT pg_notify('twoway_live', json_build_object('w', c.workspace_id, 'c', json_build_array(
        json_build_array(c.id, coalesce(c.team_id, 0), coalesce(c.assignee_id, 0))))::text)
    FROM conversation c WHERE c.id = coalesce((SELECT conversation_id FROM message WHERE id = %s), %s)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimed:
    """A file this worker alone fetches. `channel_id` is None when its message is gone."""

    id: int
    key: UUID
    source_url: str
    source_id: str
    content_type: str
    name: str
    attempts: int
    created_at: datetime
    channel_id: int | None
    trace: str | None

    @property
    def media(self) -> Media:
        """As its adapter named it."""
        return Media(url=self.source_url, content_type=self.content_type, id=self.source_id, name=self.name)


def now() -> datetime:
    """The clock of fetching."""
    return datetime.now(UTC)


async def run(stop: asyncio.Event) -> None:
    """Fetch until `stop` is set, then finish what is underway."""
    async with Fetcher(limit=AT_ONCE * 2) as fetcher:
        directory = Directory(settings.SEALING_KEY)
        await Fetching(dsn=database.dsn(), directory=directory, fetcher=fetcher).run(stop)


class Fetching:
    """One worker's fetching. It may run beside any number of others on the same database."""

    def __init__(self, *, dsn: str, directory: Directory, fetcher: Fetcher, at_once: int = AT_ONCE) -> None:
        self._dsn = dsn
        self._directory = directory
        self._fetcher = fetcher
        self._at_once = at_once
        self._wake = asyncio.Event()
        self._underway: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Keep looking for files; a lost database connection only makes them wait."""
        loops = [asyncio.create_task(self._keep(loop, stop)) for loop in (self._listen, self._look)]
        await stop.wait()
        self._wake.set()
        await asyncio.wait(loops, timeout=settings.DRAIN_SECONDS)
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)

    async def _keep(self, loop: Callable[..., Any], stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                async with await psycopg.AsyncConnection.connect(
                    self._dsn, autocommit=True, connect_timeout=3, application_name="twoway media"
                ) as connection:
                    await loop(connection, stop)
            except (psycopg.OperationalError, psycopg.InterfaceError, OSError) as error:
                log.warning("media_waits_for_database", why=str(error))
                await asyncio.sleep(0.5)
            except Exception:  # a loop that ended here would leave files unfetched without a word
                log.exception("media_loop_failed")
                await asyncio.sleep(0.5)

    async def _listen(self, connection: AsyncConnection[Any], stop: asyncio.Event) -> None:
        await connection.execute("LISTEN twoway_media")
        self._wake.set()
        while not stop.is_set():
            async for _ in connection.notifies(timeout=1.0, stop_after=1):
                self._wake.set()

    async def _look(self, connection: AsyncConnection[Any], stop: asyncio.Event) -> None:
        try:
            while not stop.is_set():
                self._wake.clear()
                again_in = await self.step(connection)
                try:
                    async with asyncio.timeout(again_in):
                        await self._wake.wait()
                except TimeoutError:
                    continue
        finally:
            if self._underway:
                await asyncio.wait(self._underway, timeout=settings.DRAIN_SECONDS)

    async def step(self, connection: AsyncConnection[Any]) -> float:
        """Begin to fetch what is due and there is room for; seconds until it is worth looking again."""
        room = self._at_once - len(self._underway)
        if room <= 0:
            return LOOK_EVERY
        if self._directory.is_stale:
            await self._directory.refresh(connection)
        at = now()
        async with connection.cursor(row_factory=class_row(Claimed)) as cursor:
            await cursor.execute(CLAIM, {"at": at, "until": at + LEASE, "limit": room})
            claimed = await cursor.fetchall()
        for one in claimed:
            task = asyncio.create_task(self._one(connection, one))
            self._underway.add(task)
            task.add_done_callback(self._landed)
        if len(claimed) == room:
            return LOOK_EVERY
        found = await (await connection.execute(NEXT)).fetchone()
        due_in = LOOK_EVERY if found is None or found[0] is None else (found[0] - now()).total_seconds()
        return min(max(due_in, 0.01), LOOK_EVERY)

    async def finish(self) -> None:
        """Until everything that was begun is done."""
        while self._underway:
            await asyncio.wait(self._underway)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._underway.discard(task)
        self._wake.set()

    async def _one(self, connection: AsyncConnection[Any], file: Claimed) -> None:
        try:
            taken = await self._fetched(connection, file)
        except NotFetched as error:
            await self._not_here(connection, file, error)
        except Exception as error:  # an adapter's mistake must not end the loop; the file is tried again
            log.exception("media_not_understood", trace=file.trace, media_id=file.id)
            await self._not_here(connection, file, NotFetched("server", type(error).__name__))
        else:
            values = {name: getattr(taken, name) for name in Taken.__dataclass_fields__}
            await _write(connection, HERE, {"id": file.id, **values})
            log.info("media_fetched", trace=file.trace, media_id=file.id, kind=taken.kind, size=taken.size)

    async def _fetched(self, connection: AsyncConnection[Any], file: Claimed) -> Taken:
        route = await self._route(connection, file)
        request = route.adapter.fetch(route.account, file.media)
        if request is None:
            raise _Other("no_address", is_final=True)
        with files.scratch() as path:
            got = await self._get(route, request, path)
            following = route.adapter.follow(route.account, file.media, await asyncio.to_thread(_answer, got, path))
            if following is not None:
                got = await self._get(route, following, path)
            name = file.name or _name_in(got)
            try:
                return await asyncio.to_thread(taking.take, key=file.key, path=path, name=name, is_ours=False)
            except Exception as error:  # a store may raise anything
                log.exception("media_not_kept", trace=file.trace, media_id=file.id)
                raise _Other("no_store") from error

    async def _route(self, connection: AsyncConnection[Any], file: Claimed) -> Route:
        route = self._directory.by_id(file.channel_id or 0)
        if route is None and self._directory.may_read_again:
            await self._directory.refresh(connection)
            route = self._directory.by_id(file.channel_id or 0)
        if route is None:
            raise _Other("no_channel")
        return route

    async def _get(self, route: Route, request: HttpRequest, path: Path) -> Got:
        wanted = Wanted(url=request.url, headers=request.headers, size=settings.MEDIA_MOST_BYTES, timeout=TIME_FOR_ONE)
        return await self._fetcher.fetch(wanted, into=path, trusted=[route.account.api_base or ""])

    async def _not_here(self, connection: AsyncConnection[Any], file: Claimed, error: NotFetched) -> None:
        again_at = now() + rules.retry_in(file.attempts)
        is_late = again_at - file.created_at > rules.GIVE_UP_AFTER and file.attempts > 1
        gives_up = error.is_final or is_late
        state = "failed" if gives_up else "waiting"
        log.info("media_not_fetched", trace=file.trace, media_id=file.id, code=error.code, why=str(error), state=state)
        values = {"id": file.id, "state": state, "error": error.code, "again_at": None if gives_up else again_at}
        await _write(connection, NOT_HERE, values)


class _Other(NotFetched):
    """A reason that is not the network's."""

    def __init__(self, code: str, *, is_final: bool = False) -> None:
        super().__init__(code, rules.why(code), is_final=is_final)


async def _write(connection: AsyncConnection[Any], statement: LiteralString, values: dict[str, Any]) -> None:
    """Write what came of a file, and tell whoever has its conversation on screen."""
    found = await (await connection.execute(statement, values)).fetchone()
    if found is not None:
        await connection.execute(TELL, found)


def _answer(got: Got, path: Path) -> HttpResponse:
    """An answer as adapters read it: with its body only when it may be a pointer to the file."""
    body = b""
    if "json" in got.content_type and got.size <= LONGEST_POINTER:
        body = path.read_bytes()
    return HttpResponse(status=200, headers={"content-type": got.content_type}, body=body)


def _name_in(got: Got) -> str:
    """The file name of a Content-Disposition (RFC 6266), or ""."""
    for part in got.disposition.split(";")[1:]:
        key, _, value = part.strip().partition("=")
        if key.lower() == "filename":
            return value.strip('"')
    return ""
