"""When a number can't send: noticing that its provider is down, and having what waits leave from the next number.

Only texts that certainly have not left move: those still queued, also after a call that never reached the provider. A
text whose outcome is or ever was unknown stays with its number: only that provider's list can tell what became of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from twoway.channels import urls
from twoway.channels.pools import rules as pools
from twoway.channels.pools.rules import Breaker, Member, Stand
from twoway.messaging.directory import Directory, Route
from twoway.messaging.media import rules as media
from twoway.providers.base import Account, SendError
from twoway.providers.http import Transport
from twoway.sms import segments

log = structlog.get_logger(__name__)

MOST_MOVED = 500
LOOK_EVERY = 0.5
"""Seconds between looks at what changed and which provider is to be asked again."""


@dataclass(slots=True)
class _Line:
    """The breaker of one provider account, and whether the database knows its state."""

    breaker: Breaker
    is_told: bool = True


class Lines:
    """The breakers of one worker. What one worker finds out the others read with the directory, and the desk shows."""

    def __init__(self) -> None:
        self._lines: dict[str, _Line] = {}
        self.changed = asyncio.Event()

    def heard(self, route: Route, *, is_reached: bool, at: datetime) -> None:
        """After one call: whether the provider answered it."""
        line = self._lines.get(route.account_key)
        if line is None:
            if is_reached:
                return
            line = self._lines[route.account_key] = _Line(Breaker())
        before = line.breaker
        line.breaker = before.worked() if is_reached else before.failed(at=at)
        self._note(route.account_key, before)

    def stand(self, route: Route, *, at: datetime) -> Stand:
        """How a number stands now: as the directory says, and as this worker knows better."""
        told = route.stand(at)
        if told in {"paused", "off"}:
            return told
        line = self._lines.get(route.account_key)
        if line is None:
            return told
        if line.breaker.state == "open":
            return "down"
        return pools.stand(replace(route.marks, down_since=None), at=at)

    def is_half_open(self, route: Route) -> bool:
        """Whether one text at a time may try."""
        line = self._lines.get(route.account_key)
        return line is not None and line.breaker.state == "half"

    def adopt(self, routes: Iterable[Route]) -> None:
        """Take over what other workers wrote; what is not written yet is newer."""
        for route in routes:
            line, marks = self._lines.get(route.account_key), route.marks
            if line is not None and not line.is_told:
                continue
            if marks.down_since is None:
                if line is not None and line.breaker.state != "closed":
                    del self._lines[route.account_key]
            elif line is None or line.breaker.state == "closed":
                state = "half" if marks.probe_at is None else "open"
                opened = Breaker(
                    state="half" if state == "half" else "open",
                    failures=pools.TRIPS_AT,
                    probes=route.probes,
                    since=marks.down_since,
                    probe_at=marks.probe_at,
                )
                self._lines[route.account_key] = _Line(opened)

    async def tell(self, connection: AsyncConnection[Any], directory: Directory) -> None:
        """Write what changed, for every number of the account."""
        for key, line in list(self._lines.items()):
            if line.is_told:
                continue
            breaker = line.breaker
            line.is_told = True
            names = {
                "channels": [route.id for route in directory.of_account(key)],
                "since": breaker.since,
                "probe_at": breaker.probe_at,
                "probes": breaker.probes,
            }
            try:
                await connection.execute(TELL, names)
            except BaseException:
                line.is_told = False
                raise

    async def probe(self, directory: Directory, transport: Transport, *, at: datetime) -> bool:
        """Ask the providers whose time has come a harmless question: a text is only tried when that was answered.

        Whether one was.
        """
        reached = False
        for key, line in list(self._lines.items()):
            routes = [route for route in directory.of_account(key) if route.is_active]
            if not line.breaker.is_due(at=at) or not routes:
                continue
            is_answered = await _answers(routes[0], transport)
            before = line.breaker
            line.breaker = before.answered() if is_answered else before.unanswered(at=at)
            self._note(key, before)
            reached |= is_answered
        return reached

    def _note(self, key: str, before: Breaker) -> None:
        line = self._lines[key]
        if before.state == line.breaker.state and before.probe_at == line.breaker.probe_at:
            return
        line.is_told = False
        self.changed.set()
        log.warning("provider_line", account=key[:8], state=line.breaker.state, probes=line.breaker.probes)


async def _answers(route: Route, transport: Transport) -> bool:
    """Whether the provider says anything at all; one that has nothing to ask is tried with a text."""
    told = {**route.account.settings, "inbound_url": urls.hook_url(route.provider, route.hook, "inbound")}
    asked = Account(address=route.address, credentials=route.account.credentials, settings=told)
    try:
        request = route.adapter.check(asked)
        return request is None or (await transport.call(request)).status < 500
    except SendError:
        return False


TELL = """
    WITH told AS (
        INSERT INTO channel_state (channel_id, down_since, probe_at, probes)
        SELECT id, %(since)s, %(probe_at)s, %(probes)s FROM channel WHERE id = ANY(%(channels)s)
        ON CONFLICT (channel_id) DO UPDATE SET down_since = excluded.down_since, probe_at = excluded.probe_at,
                                               probes = excluded.probes
        RETURNING channel_id
    )
    SELECT pg_notify('twoway_channels', count(*)::text) FROM told
"""

WAITING = """
    SELECT m.id, m.conversation_id, m.recipient, m.body, m.media, m.segments,
           (SELECT l.channel_id FROM message l WHERE l.conversation_id = m.conversation_id AND l.direction = 'out'
            AND l.provider_id <> '' ORDER BY l.id DESC LIMIT 1) AS last_channel_id
    FROM message m
    WHERE m.channel_id = %(channel)s AND m.status = 'queued' AND m.provider_id = '' AND NOT m.was_uncertain
      AND m.template IS NULL
    ORDER BY m.priority, m.id LIMIT %(limit)s
    FOR NO KEY UPDATE OF m SKIP LOCKED
"""

LOADS = """
    SELECT c.id, (SELECT coalesce(sum(q.segments), 0) FROM (
        SELECT segments FROM message m WHERE m.channel_id = c.id AND m.status = 'queued' LIMIT 1000) AS q)
    FROM unnest(%(channels)s::bigint[]) AS c(id)
"""

MOVE = """
    WITH moved AS (
        UPDATE message m SET channel_id = t.channel_id, sender = t.sender, segments = t.segments, send_after = NULL
        FROM unnest(%(ids)s::bigint[], %(channels)s::bigint[], %(senders)s::text[], %(segments)s::int[])
             AS t(id, channel_id, sender, segments)
        WHERE m.id = t.id
        RETURNING m.id, m.conversation_id, m.trace, m.channel_id, m.sender
    ), firsts AS (
        SELECT DISTINCT ON (conversation_id, channel_id) * FROM moved ORDER BY conversation_id, channel_id, id
    ), noted AS (
        INSERT INTO event (workspace_id, type, conversation_id, contact_id, message_id, data, trace, at, is_pending,
                           is_shown)
        SELECT c.workspace_id, 'sender_changed', c.id, c.contact_id, f.id,
               jsonb_build_object('channel_id', f.channel_id, 'sender', f.sender, 'instead_of', %(instead_of)s::text,
                                  'why', %(why)s::text), f.trace, %(at)s, false, true
        FROM firsts f JOIN conversation c ON c.id = f.conversation_id
    )
    SELECT pg_notify('twoway_live', json_build_object('w', c.workspace_id, 'c', json_agg(DISTINCT
        jsonb_build_array(c.id, coalesce(c.team_id, 0), coalesce(c.assignee_id, 0))))::text)
    FROM firsts f JOIN conversation c ON c.id = f.conversation_id GROUP BY c.workspace_id
"""


async def move(
    connection: AsyncConnection[Any], *, route: Route, directory: Directory, lines: Lines, at: datetime
) -> int:
    """Have what waits for a number that can't send leave from the next one of its pool; how many moved."""
    if route.pool_id is None:
        return 0
    others = [other for other in directory.of_pool(route.pool_id) if other.kind == route.kind]
    stands = {other.id: lines.stand(other, at=at) for other in others}
    if not any(stands[other.id] in pools.SENDS for other in others):
        return 0
    async with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(WAITING, {"channel": route.id, "limit": MOST_MOVED})
        rows = await cursor.fetchall()
        if not rows:
            return 0
        loads = await _loads(connection, others)
        members = [_member(other, stands[other.id], loads, at) for other in others]
        moves = _moves(rows, route=route, members=members, directory=directory)
        if moves:
            why = {"instead_of": route.address, "why": lines.stand(route, at=at), "at": at}
            await cursor.execute(MOVE, {**_columns(moves), **why})
    log.info("texts_moved", sender=route.address, count=len(moves))
    return len(moves)


Move = tuple[int, Route, int]
"""A message, the number it leaves from, and its segments there."""


def _moves(
    rows: Sequence[dict[str, Any]], *, route: Route, members: Sequence[Member], directory: Directory
) -> list[Move]:
    moves: list[Move] = []
    for row in rows:
        choice = pools.choose(
            members,
            recipient=row["recipient"],
            sticky_id=route.id,
            last_id=row["last_channel_id"],
            prefers_local=route.prefers_local,
        )
        other = directory.by_id(choice.channel_id) if choice is not None else None
        if other is None or other.id == route.id or not _takes(other, row):
            continue
        counted = row["segments"]
        if other.is_toll_free != route.is_toll_free and not row["media"]:
            counted = segments.count(row["body"], toll_free_us=other.is_toll_free).segments
        moves.append((row["id"], other, counted))
    return moves


def _takes(other: Route, row: dict[str, Any]) -> bool:
    """Whether the other number's provider takes the pictures and files of a message as they were made ready."""
    limits = media.limits_for(other.adapter.limits, kind=other.kind, ours=other.address, theirs=row["recipient"])
    return media.goes_through(row["media"], limits)


def _columns(moves: Sequence[Move]) -> dict[str, Any]:
    return {
        "ids": [message_id for message_id, _, _ in moves],
        "channels": [other.id for _, other, _ in moves],
        "senders": [other.address for _, other, _ in moves],
        "segments": [counted for _, _, counted in moves],
    }


async def _loads(connection: AsyncConnection[Any], routes: Sequence[Route]) -> dict[int, int]:
    cursor = await connection.execute(LOADS, {"channels": [route.id for route in routes]})
    return dict(await cursor.fetchall())


def _member(route: Route, stand: Stand, loads: dict[int, int], at: datetime) -> Member:
    held_until = route.shared.brand_held_until
    return Member(
        channel_id=route.id,
        address=route.address,
        kind=route.kind,
        stand=stand,
        load=float(loads.get(route.id, 0)) / route.rate,
        is_held=held_until is not None and at < held_until,
        is_unregistered=route.is_unregistered,
    )
