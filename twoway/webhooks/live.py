"""The live stream: server-sent events that tell a browser which conversations changed, never what they say.

One database connection per process listens; every open browser has a small queue. A browser shows a ticket signed for
one member and good for a minute; what that member may not see is not told to them. The stream ends by itself after
some minutes, so that a ticket, and with it the right to look, is asked for again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import orjson
import psycopg
import structlog

from twoway.teams import tickets
from twoway.webhooks.hooks import Receive, Scope, Send

log = structlog.get_logger(__name__)

STREAM_SECONDS = 600.0
HEARTBEAT_SECONDS = 20.0
RECONNECT_SECONDS = 0.5
COALESCE_SECONDS = 0.03
COALESCE_PER_LISTENER = 0.001
MOST_IDS = 1000
LIVE, CHANNELS = "twoway_live", "twoway_channels"

Change = tuple[int, int, int]


@dataclass(eq=False)
class Listener:
    """One open browser. `teams` is None for members who see everything."""

    workspace_id: int
    member_id: int
    teams: frozenset[int] | None
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

    def add(self, listener: Listener) -> None:
        self._listeners.setdefault(listener.workspace_id, set()).add(listener)

    def remove(self, listener: Listener) -> None:
        self._listeners.get(listener.workspace_id, set()).discard(listener)

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
            await self._on_channels(connection)
            for listeners in self._listeners.values():
                for listener in listeners:
                    listener.tell([0])
            while not self._closing:
                await self._hear(connection)

    async def _hear(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """Everything that comes at once; an iteration that is left early would lose the rest of it."""
        heard = [notice async for notice in connection.notifies(timeout=HEARTBEAT_SECONDS, stop_after=1)]
        if any(self._listeners.values()):
            for notice in heard:
                if notice.channel == LIVE:
                    self._spread(notice.payload)
        if any(notice.channel == CHANNELS for notice in heard):
            await self._on_channels(connection)
        if not heard:
            await connection.execute("SELECT 1")

    def _spread(self, payload: str) -> None:
        said = orjson.loads(payload)
        listeners = self._listeners.get(said["w"])
        if not listeners:
            return
        changes: list[Change] = [tuple(change) for change in said["c"]]
        everything = [change[0] for change in changes]
        for listener in listeners:
            seen = everything if listener.teams is None else [c[0] for c in changes if listener.may_see(c)]
            if seen:
                listener.tell(seen)


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

    def _admit(self, scope: Scope) -> Listener | None:
        given = parse_qs(scope["query_string"].decode("latin-1")).get("ticket", [""])[0]
        found = tickets.read(given)
        if found is None:
            return None
        return Listener(workspace_id=found.workspace_id, member_id=found.member_id, teams=found.teams)

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
            await send({"type": "http.response.body", "body": await _next(listener), "more_body": True})
            await asyncio.sleep(self._hub.pause(listener))
        await send({"type": "http.response.body", "body": b"event: renew\ndata: {}\n\n"})


async def _next(listener: Listener) -> bytes:
    """The next piece: what changed, or a comment that keeps the connection open."""
    try:
        async with asyncio.timeout(HEARTBEAT_SECONDS):
            await listener.wake.wait()
    except TimeoutError:
        return b": still here\n\n"
    listener.wake.clear()
    ids, listener.changed = list(listener.changed), {}
    if not ids:
        return b": still here\n\n"
    return b'event: changed\ndata: {"conversations":%s}\n\n' % orjson.dumps(ids)


async def _until_gone(receive: Receive, listener: Listener) -> None:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            listener.end()
            return
