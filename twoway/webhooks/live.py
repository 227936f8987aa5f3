"""The live stream: server-sent events that tell a browser which conversations changed, never what they say.

One database connection per process listens; every open browser has a small queue. A browser shows a ticket signed for
one member and good for a minute; what that member may not see is not told to them. The stream ends by itself after
some minutes, so that a ticket, and with it the right to look, is asked for again.

The same stream says who else is at a conversation (`presence`), to whoever may see that conversation.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import orjson
import psycopg
import structlog

from twoway.teams import streams, tickets
from twoway.webhooks.access import Withdrawn
from twoway.webhooks.attendance import Attendance
from twoway.webhooks.hooks import Receive, Scope, Send
from twoway.webhooks.presence import Audience, Key, Places, Shown

log = structlog.get_logger(__name__)

STREAM_SECONDS = 600.0
HEARTBEAT_SECONDS = 20.0
RECONNECT_SECONDS = 0.5
COALESCE_SECONDS = 0.03
COALESCE_PER_LISTENER = 0.001
MOST_IDS = 1000
EXPIRE_EVERY = 5.0
LONGEST_TAB = 40
LIVE, CHANNELS, PRESENCE = "twoway_live", "twoway_channels", "twoway_presence"

Change = tuple[int, int, int]


@dataclass(eq=False)
class Listener:
    """One open browser window. `teams` is None for members who see everything.

    `is_board`: a screen on the wall. It is told that anything changed, never which, nor who is where.
    """

    workspace_id: int
    member_id: int
    teams: frozenset[int] | None
    tab: str = ""
    is_board: bool = False
    visited: dict[int, None] = field(default_factory=dict)
    knows_all: bool = False
    rings: bool = False
    drafted: dict[int, None] = field(default_factory=dict)
    changed: dict[int, None] = field(default_factory=dict)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    is_over: bool = False

    def may_see(self, change: Change) -> bool:
        return self.teams is None or change[1] in self.teams or change[2] == self.member_id

    def tell(self, conversation_ids: Iterable[int]) -> None:
        """Add what changed; beyond a limit the browser is simply told to look at everything (id 0)."""
        self.changed.update(dict.fromkeys(conversation_ids))
        if len(self.changed) > MOST_IDS:
            self.changed = {0: None}
        self.wake.set()

    @property
    def key(self) -> Key:
        return self.workspace_id, self.member_id, self.tab

    def tell_visited(self, conversation_id: int) -> None:
        """Who is at this conversation changed."""
        self.visited[conversation_id] = None
        self.wake.set()

    def ring(self) -> None:
        """There is a notification for this member."""
        self.rings = True
        self.wake.set()

    def tell_drafted(self, conversation_id: int) -> None:
        """This member wrote something here in another window."""
        self.drafted[conversation_id] = None
        self.wake.set()

    def end(self) -> None:
        self.is_over = True
        self.wake.set()


class Hub:
    """Every listener of one process, and the connection that hears of changes."""

    def __init__(self, *, dsn: str, on_channels: Any) -> None:
        self._dsn = dsn
        self._on_channels = on_channels
        self._listeners: dict[int, set[Listener]] = {}
        self._closing = False
        self._places = Places()
        self._withdrawn = Withdrawn()
        self._expired_at = 0.0
        self._leaving: set[asyncio.Task[None]] = set()
        self.attendance = Attendance(dsn=dsn, there=self._members)

    def add(self, listener: Listener) -> None:
        if not self._has_window(listener):
            self.attendance.moved(listener.member_id)
        self._listeners.setdefault(listener.workspace_id, set()).add(listener)
        if len(self._places):
            listener.wake.set()

    def remove(self, listener: Listener) -> None:
        self._listeners.get(listener.workspace_id, set()).discard(listener)
        if not self._has_window(listener):
            self.attendance.moved(listener.member_id)

    def _has_window(self, listener: Listener) -> bool:
        """Whether its member has a window open with this process."""
        return any(one.member_id == listener.member_id for one in self._listeners.get(listener.workspace_id, ()))

    def _members(self) -> set[int]:
        return {one.member_id for listeners in self._listeners.values() for one in listeners}

    def pause(self, listener: Listener) -> float:
        """Seconds between two notices to one browser: longer the more there are, so that many cost no more than few."""
        return COALESCE_SECONDS + COALESCE_PER_LISTENER * len(self._listeners.get(listener.workspace_id, ()))

    @property
    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        """End every stream at once; browsers connect again, to another process or after the restart."""
        self._closing = True
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.end()

    async def run(self) -> None:
        """Listen for ever; after a lost connection everybody is told to look at everything."""
        while not self._closing:
            try:
                await self._listen()
            except (psycopg.OperationalError, psycopg.InterfaceError, OSError) as error:
                log.warning("live_connection_lost", why=str(error))
                await asyncio.sleep(RECONNECT_SECONDS)
            except Exception:  # browsers would go on waiting for a loop that has ended
                log.exception("live_failed")
                await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen(self) -> None:
        connection = await psycopg.AsyncConnection.connect(
            self._dsn, autocommit=True, connect_timeout=3, application_name="twoway live"
        )
        async with connection:
            await connection.execute(f"LISTEN {LIVE}")
            await connection.execute(f"LISTEN {CHANNELS}")
            await connection.execute(f"LISTEN {PRESENCE}")
            await connection.execute(f"LISTEN {streams.CHANNEL}")
            await self._on_channels(connection)
            for listeners in self._listeners.values():
                for listener in listeners:
                    listener.tell([0])
            while not self._closing:
                await self._hear(connection)

    async def _hear(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """Everything that comes at once; an iteration that is left early would lose the rest of it."""
        heard = [notice async for notice in connection.notifies(timeout=HEARTBEAT_SECONDS, stop_after=1)]
        for notice in heard:
            if notice.channel == PRESENCE:
                self._hear_of(orjson.loads(notice.payload))
            elif notice.channel == streams.CHANNEL:
                self._end(orjson.loads(notice.payload))
            elif notice.channel == LIVE and (any(self._listeners.values()) or len(self._places)):
                self._spread(notice.payload)
        self._expire()
        if any(notice.channel == CHANNELS for notice in heard):
            await self._on_channels(connection)
        if not heard:
            await connection.execute("SELECT 1")

    def _spread(self, payload: str) -> None:
        said = orjson.loads(payload)
        changes: list[Change] = [tuple(change) for change in said["c"]]
        self._places.given(said["w"], changes)
        listeners = self._listeners.get(said["w"])
        if not listeners:
            return
        everything = [change[0] for change in changes]
        for listener in listeners:
            seen = everything if listener.teams is None else [c[0] for c in changes if listener.may_see(c)]
            if listener.is_board and changes:
                seen = [0]
            if seen:
                listener.tell(seen)
        if rung := frozenset(said.get("m", ())):
            for listener in listeners:
                if listener.member_id in rung:
                    listener.ring()
        if drafted := said.get("d"):
            for listener in listeners:
                if listener.member_id == drafted[0] and listener.tab != drafted[2]:
                    listener.tell_drafted(drafted[1])

    def _end(self, said: dict[str, Any]) -> None:
        """Somebody may see more or less than before: their browsers ask anew."""
        workspace_id, members = self._withdrawn.hear(said, now=time.time())
        for listener in self._listeners.get(workspace_id, ()):
            if members is None or listener.member_id in members:
                listener.end()

    def admits(self, ticket: tickets.Ticket) -> bool:
        """Whether nothing changed for its member since the ticket was made."""
        return not self._withdrawn.refuses(ticket)

    # Who is where ---------------------------------------------------------------------------------------------------

    def _hear_of(self, said: dict[str, Any]) -> None:
        everybody, there = self._places.hear(said, now=_now())
        for audience in everybody:
            self._tell_of(said["w"], audience)
        for audience in there:
            self._tell_of(said["w"], audience, only_there=True)

    def _tell_of(self, workspace_id: int, audience: Audience, *, only_there: bool = False) -> None:
        for listener in self._listeners.get(workspace_id, ()):
            if not listener.may_see(audience):
                continue
            if not only_there or self._places.is_there(listener.key) == audience[0]:
                listener.tell_visited(audience[0])

    def _expire(self) -> None:
        if _now() < self._expired_at + EXPIRE_EVERY:
            return
        self._expired_at = _now()
        for workspace_id, audience in self._places.expire(now=_now()):
            self._tell_of(workspace_id, audience)

    def visitors(self, listener: Listener) -> dict[int, list[Shown]]:
        """Who else is at the conversations this browser has not been told of since; all of them the first time."""
        if listener.is_board:
            return {}
        ids = list(listener.visited)
        if not listener.knows_all:
            ids = [audience[0] for audience in self._places.everywhere(listener.workspace_id)]
        listener.visited, listener.knows_all = {}, True
        found: dict[int, list[Shown]] = {}
        for key in ids:
            audience = self._places.audience(listener.workspace_id, key)
            if audience is not None and not listener.may_see(audience):
                continue
            people = self._places.people(listener.workspace_id, key)
            found[key] = [one for one in people if one[0] != listener.member_id]
        return found

    def left(self, listener: Listener) -> None:
        """A browser is gone, whatever it could still say: every process is told, unless it is back already."""
        others = self._listeners.get(listener.workspace_id, ())
        if self._closing or not self._places.is_there(listener.key) or any(one.key == listener.key for one in others):
            return
        task = asyncio.create_task(self._say_gone(listener))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _say_gone(self, listener: Listener) -> None:
        workspace_id, member_id, tab = listener.key
        said = orjson.dumps({"w": workspace_id, "m": member_id, "t": tab, "s": "gone"}).decode()
        try:
            connection = await psycopg.AsyncConnection.connect(self._dsn, autocommit=True, connect_timeout=3)
            async with connection:
                await connection.execute("SELECT pg_notify(%s, %s)", [PRESENCE, said])
        except (psycopg.OperationalError, OSError) as error:
            log.warning("leaving_not_told", why=str(error))  # it is forgotten when its time is over


def _now() -> float:
    return asyncio.get_running_loop().time()


class Stream:
    """The ASGI application at /live."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        listener = self._admit(scope)
        if listener is None or self._hub.is_closing:
            status = 403 if listener is None else 503
            await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})
            return
        self._hub.add(listener)
        gone = asyncio.create_task(_until_gone(receive, listener))
        try:
            await self._stream(listener, send)
        finally:
            self._hub.remove(listener)
            gone.cancel()
            if listener.is_over:
                self._hub.left(listener)

    def _admit(self, scope: Scope) -> Listener | None:
        given = parse_qs(scope["query_string"].decode("latin-1"))
        found = tickets.read(given.get("ticket", [""])[0])
        if found is None or not self._hub.admits(found):
            return None
        tab = given.get("tab", [""])[0][:LONGEST_TAB]
        return Listener(
            workspace_id=found.workspace_id,
            member_id=found.member_id,
            teams=found.teams,
            tab=tab,
            is_board=found.is_board,
        )

    async def _stream(self, listener: Listener, send: Send) -> None:
        headers = [
            (b"content-type", b"text/event-stream; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send(
            {"type": "http.response.body", "body": b"retry: 1000\nevent: ready\ndata: {}\n\n", "more_body": True}
        )
        ends = asyncio.get_running_loop().time() + STREAM_SECONDS
        while not listener.is_over and asyncio.get_running_loop().time() < ends:
            await send({"type": "http.response.body", "body": await _next(listener, self._hub), "more_body": True})
            await asyncio.sleep(self._hub.pause(listener))
        await send({"type": "http.response.body", "body": b"event: renew\ndata: {}\n\n"})


async def _next(listener: Listener, hub: Hub) -> bytes:
    """The next piece: what changed and who came or went, or a comment that keeps the connection open."""
    try:
        async with asyncio.timeout(HEARTBEAT_SECONDS):
            await listener.wake.wait()
    except TimeoutError:
        return b": still here\n\n"
    listener.wake.clear()
    ids, listener.changed = list(listener.changed), {}
    visitors = hub.visitors(listener)
    piece = b""
    if ids:
        piece = b'event: changed\ndata: {"conversations":%s}\n\n' % orjson.dumps(ids)
    if visitors:
        piece += b"event: presence\ndata: %s\n\n" % orjson.dumps(visitors, option=orjson.OPT_NON_STR_KEYS)
    if listener.rings:
        listener.rings = False
        piece += b"event: bell\ndata: {}\n\n"
    if listener.drafted:
        ids, listener.drafted = list(listener.drafted), {}
        piece += b'event: draft\ndata: {"conversations":%s}\n\n' % orjson.dumps(ids)
    return piece or b": still here\n\n"


async def _until_gone(receive: Receive, listener: Listener) -> None:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            listener.end()
            return
