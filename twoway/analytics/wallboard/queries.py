"""The wallboard's facts: bounded statements, asked once a second for all screens of a workspace that show the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from twoway.analytics.wallboard.beside import Deflected, Kept, Late, Routed, deflected, late, promised, routed
from twoway.analytics.wallboard.models import BoardLink, BoardSetting
from twoway.analytics.wallboard.rules import (
    BUCKET,
    MOST,
    Bar,
    Day,
    Run,
    TeamLine,
    Waits,
    bars,
    day_of,
    digest,
    hour_of,
    team_lines,
)
from twoway.channels.queries import Calendars, calendars_of
from twoway.lib.refusal import NotAllowed, NotFound
from twoway.lib.words import t
from twoway.sla.queries import goal_of
from twoway.teams.actor import Actor
from twoway.teams.hours.rules import open_seconds
from twoway.teams.models import Team, Workspace
from twoway.teams.rules import Right, may, require

FRESH = timedelta(seconds=1)
"""How long an answer is good for everybody who asks for the same."""
REST = 20
"""The day's sums rest this many times as long as they took, so that a busy day costs no more than a quiet one."""
_MOST_KEPT = 500
USUAL_GOAL = 15
"""Minutes that count as in time where nobody set a goal."""

_WAITING = """
SELECT v.id, v.sort_at, v.channel_id, v.team_id, v.assignee_id FROM conversation v
WHERE v.workspace_id = %(workspace)s AND v.state = 'open' AND v.needs_reply AND {scope}
ORDER BY v.sort_at LIMIT %(most)s
"""
# A customer's texts in a row are one run. The text before the first of the day is looked up: it may be yesterday's.
_TODAY = """
WITH texts AS (
    SELECT m.conversation_id, m.id, m.direction, m.created_at, v.team_id, v.channel_id, coalesce(
        lag(m.direction) OVER (PARTITION BY m.conversation_id ORDER BY m.id),
        (SELECT b.direction FROM message b WHERE b.conversation_id = m.conversation_id AND b.id < m.id
         AND (b.direction = 'in' OR b.author = 'member') ORDER BY b.id DESC LIMIT 1)) AS before
    FROM message m JOIN conversation v ON v.id = m.conversation_id
    WHERE m.workspace_id = %(workspace)s AND m.created_at >= %(since)s AND {scope}
      AND (m.direction = 'in' OR m.author = 'member')
), turns AS (
    SELECT texts.*, lag(direction) OVER each AS prior, lead(created_at) OVER each AS later FROM texts
    WHERE direction = 'in' AND before IS DISTINCT FROM 'in' OR direction = 'out' AND before = 'in'
    WINDOW each AS (PARTITION BY conversation_id ORDER BY id)
)
SELECT CASE WHEN direction = 'in' THEN created_at END, CASE WHEN direction = 'in' THEN later ELSE created_at END,
    team_id, channel_id
FROM turns WHERE direction = 'in' OR prior IS NULL
"""
_HOUR = """
SELECT floor(extract(epoch FROM m.created_at - %(since)s) / %(bucket)s)::int, m.direction, count(*)
FROM message m JOIN conversation v ON v.id = m.conversation_id
WHERE m.workspace_id = %(workspace)s AND m.created_at >= %(since)s AND {scope}
  AND (m.direction = 'in' OR m.author = 'member')
GROUP BY 1, 2
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Board:
    """Everything on one wallboard. `goal` is in minutes, None where nobody set one. Names are by id.

    `routed` is None where nothing is routed, `deflected` where no phone queue is known, `promises` where none was made
    today, and all for who sees some teams only. No customer's name, address or words
    are in it.
    """

    at: datetime
    workspace_id: int
    workspace: str
    zone: str
    region: str
    language: str
    goal: int | None
    waits: tuple[Waits, ...]
    today: Day
    deflected: Deflected | None
    promises: Kept | None
    hour: tuple[Bar, ...]
    lines: tuple[TeamLine, ...]
    late: Late
    routed: Routed | None
    teams: Mapping[int, str]
    channels: Mapping[int, str]
    members: Mapping[int, str]

    @property
    def waiting(self) -> int:
        """How many customers wait, at most `rules.MOST`."""
        return len(self.waits)

    @property
    def longest(self) -> datetime | None:
        """Since when the one who waits longest does."""
        return self.waits[0].since if self.waits else None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sums:
    """What is added up over a day, and so kept longer than the rest."""

    day: Day
    deflected: Deflected | None
    promises: Kept | None


_kept: dict[tuple[int, frozenset[int] | None], tuple[datetime, Board]] = {}
_days: dict[tuple[int, frozenset[int] | None], tuple[float, datetime, _Sums]] = {}
_locks: dict[int, Lock] = {}
_keeping = Lock()


def is_for_all(workspace_id: int) -> bool:
    """Whether everybody may see the wallboard, and not managers alone."""
    return BoardSetting.objects.filter(workspace_id=workspace_id, is_for_all=True).exists()


def may_see(actor: Actor) -> bool:
    """Whether this actor may see the wallboard."""
    return may(actor, Right.SEE_WORK) or is_for_all(actor.workspace_id)


def access_board(actor: Actor, *, at: datetime) -> Board:
    """The wallboard as this actor may see it: who sees their own teams only gets the numbers of these.

    Raises `NotAllowed`.
    """
    if not may_see(actor):
        raise NotAllowed(t("Only managers see the wallboard. An admin can open it for everybody."))
    return board(actor.workspace_id, teams=actor.team_ids if actor.sees_own_teams_only else None, at=at)


def links(actor: Actor) -> list[BoardLink]:
    """The links for screens on the wall. Raises `NotAllowed`."""
    require(actor, Right.MANAGE_WORKSPACE)
    return list(BoardLink.objects.filter(workspace_id=actor.workspace_id).order_by("name", "id"))


def access_managed_link(actor: Actor, link_id: int) -> BoardLink:
    """One of them, to change it. Raises `NotAllowed`, `NotFound`."""
    require(actor, Right.MANAGE_WORKSPACE)
    found = BoardLink.objects.filter(workspace_id=actor.workspace_id, id=link_id).first()
    if found is None:
        raise NotFound("link", link_id)
    return found


def access_link(secret: str) -> BoardLink:
    """The link with this secret. Raises `NotFound`, also for one that was revoked."""
    found = BoardLink.objects.filter(digest=digest(secret)).first()
    if found is None:
        raise NotFound("link", "")
    return found


def board(workspace_id: int, *, teams: frozenset[int] | None, at: datetime) -> Board:
    """The wallboard of a workspace, or of some of its teams. Asked again within a second, it is the same."""
    key = workspace_id, teams
    if (known := _fresh(key, at)) is not None:
        return known
    with _lock(workspace_id):
        if (known := _fresh(key, at)) is not None:
            return known
        made = _made(workspace_id, teams, at)
        _keep(_kept, key, (at, made))
    return made


def forget(workspace_id: int) -> None:
    """What was kept of this workspace is asked for anew."""
    with _keeping:
        for kept in (_kept, _days):
            for key in [key for key in kept if key[0] == workspace_id]:
                del kept[key]


def _fresh(key: tuple[int, frozenset[int] | None], at: datetime) -> Board | None:
    made_at, made = _kept.get(key, (None, None))
    return made if made_at is not None and timedelta(0) <= at - made_at < FRESH else None


def _lock(workspace_id: int) -> Lock:
    """One for each workspace, so that screens that ask at once wait for one answer."""
    with _keeping:
        if len(_locks) > _MOST_KEPT:
            _locks.clear()
        return _locks.setdefault(workspace_id, Lock())


def _keep(kept: dict[Any, Any], key: object, value: object) -> None:
    with _keeping:
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        kept[key] = value


def _made(workspace_id: int, teams: frozenset[int] | None, at: datetime) -> Board:
    workspace, goal = Workspace.objects.get(id=workspace_id), goal_of(workspace_id)
    scope = "true" if teams is None else "v.team_id = ANY(%(teams)s)"
    names: dict[str, Any] = {"workspace": workspace_id, "teams": sorted(teams or ())}
    waits = _waits(scope, names)
    today = _today(workspace, teams, scope, names, goal=goal or USUAL_GOAL, at=at)
    return Board(
        at=at,
        workspace_id=workspace_id,
        workspace=workspace.name,
        zone=workspace.time_zone,
        region=workspace.region,
        language=workspace.language,
        goal=goal,
        waits=waits,
        today=today.day,
        deflected=today.deflected,
        promises=today.promises,
        hour=_hour(scope, names, at),
        lines=team_lines(waits, today.day.teams),
        late=late(workspace_id, waits, is_whole=teams is None, at=at),
        routed=routed(workspace_id, at=at) if teams is None else None,
        teams=dict(Team.objects.filter(workspace_id=workspace_id).values_list("id", "name")),
        channels=_channel_names(workspace_id),
        members=_member_names(workspace_id),
    )


def _channel_names(workspace_id: int) -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name, address FROM channel WHERE workspace_id = %s", [workspace_id])
        return {key: name or address for key, name, address in cursor.fetchall()}


def _member_names(workspace_id: int) -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.id, coalesce(nullif(u.name, ''), u.email) FROM member m JOIN account u ON u.id = m.user_id"
            " WHERE m.workspace_id = %s AND m.is_active",
            [workspace_id],
        )
        return dict(cursor.fetchall())


def _waits(scope: str, names: Mapping[str, Any]) -> tuple[Waits, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_WAITING.format(scope=scope), {**names, "most": MOST})
        return tuple(
            Waits(conversation_id=key, since=since, channel_id=channel, team_id=team, member_id=member)
            for key, since, channel, team, member in cursor.fetchall()
        )


def _today(
    workspace: Workspace,
    teams: frozenset[int] | None,
    scope: str,
    names: Mapping[str, Any],
    *,
    goal: int,
    at: datetime,
) -> _Sums:
    """The day's sums, kept as long as asking for them was dear."""
    key, midnight = (workspace.pk, teams), _midnight(at, ZoneInfo(workspace.time_zone))
    good_until, day, known = _days.get(key, (0.0, None, None))
    began = monotonic()
    if known is not None and day == midnight and began < good_until:
        return known
    calendars = calendars_of(workspace.pk, at)
    runs = _runs(scope, {**names, "since": midnight})
    made = _Sums(
        day=day_of(runs, goal=60 * goal, waited=lambda run: _waited(run, calendars)),
        deflected=deflected(workspace.pk, at=at) if teams is None else None,
        promises=promised(workspace.pk, since=midnight, at=at) if teams is None else None,
    )
    done = monotonic()
    _keep(_days, key, (done + REST * (done - began), midnight, made))
    return made


def _runs(scope: str, names: Mapping[str, Any]) -> list[Run]:
    with connection.cursor() as cursor:
        cursor.execute(_TODAY.format(scope=scope), names)
        return [
            Run(since=since, answered_at=answered_at, team_id=team, channel_id=channel)
            for since, answered_at, team, channel in cursor.fetchall()
        ]


def _waited(run: Run, calendars: Calendars) -> float | None:
    """Open seconds until the answer, by the hours of its number or team; None when it came before they opened."""
    if run.since is None or run.answered_at is None:
        return None
    return open_seconds(calendars.of(run.team_id, run.channel_id), run.since, run.answered_at) or None


def _hour(scope: str, names: Mapping[str, Any], at: datetime) -> tuple[Bar, ...]:
    since = hour_of(at)
    with connection.cursor() as cursor:
        cursor.execute(_HOUR.format(scope=scope), {**names, "since": since, "bucket": BUCKET.total_seconds()})
        return bars(cursor.fetchall(), since=since)


def _midnight(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
