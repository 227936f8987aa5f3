"""From events to lines in members' lists: facts are read for a whole batch, and everything is written at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import orjson
from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection
from django.db.models import Q

from twoway.conversations.models import Conversation
from twoway.conversations.together.models import Follower
from twoway.events import following
from twoway.events.actions import LIVE_CHANNEL
from twoway.messaging.models import Message
from twoway.notifications import rules
from twoway.notifications.models import Mute, Wish
from twoway.notifications.rules import Happening, Person, Talk, Wishes
from twoway.notifications.wishes import wishes_of
from twoway.teams.models import Member

MOST_IN_A_NOTICE = 500
"""Member ids in one live notice: PostgreSQL takes 8,000 bytes."""

_PUT = """
INSERT INTO notification (member_id, conversation_id, kind, message_id, note_id, by_name, why, count, in_app, by_email,
                          is_loud, created_at, at)
SELECT member_id, conversation_id, kind, message_id, note_id, by_name, why, count, in_app, by_email, is_loud, at, at
FROM jsonb_to_recordset(%(lines)s::jsonb) AS t(
    member_id bigint, conversation_id bigint, kind text, message_id bigint, note_id bigint, by_name text, why text,
    count int, in_app bool, by_email bool, is_loud bool, at timestamptz)
ORDER BY member_id, conversation_id, kind
ON CONFLICT (member_id, conversation_id, kind) WHERE read_at IS NULL DO UPDATE SET
    count = notification.count + excluded.count, at = excluded.at, message_id = excluded.message_id,
    note_id = excluded.note_id, by_name = excluded.by_name, why = excluded.why, is_loud = excluded.is_loud,
    in_app = notification.in_app OR excluded.in_app, by_email = notification.by_email OR excluded.by_email
RETURNING id, member_id, kind, pushed_at, at
"""
_PUSH = """
INSERT INTO push (device_id, notification_id, due_at, tries)
SELECT d.id, t.id, t.due, 0 FROM jsonb_to_recordset(%(lines)s::jsonb) AS t(id bigint, member_id bigint, due timestamptz)
JOIN push_device d ON d.member_id = t.member_id
ON CONFLICT (device_id, notification_id) DO NOTHING
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """An event as it was read: what happened, where and when."""

    happening: Happening
    workspace_id: int
    conversation_id: int
    message_id: int | None
    note_id: int | None
    by_name: str
    why: str
    at: datetime


@dataclass(kw_only=True, slots=True)
class Line:
    """What one member is to be told; `count` grows while one batch tells them the same."""

    workspace_id: int
    member_id: int
    conversation_id: int | None
    kind: str
    at: datetime
    message_id: int | None = None
    note_id: int | None = None
    by_name: str = ""
    why: str = ""
    count: int = 1
    is_push: bool = field(default=False)


def seen(event: following.Seen) -> Seen:
    """What of a row of the outbox members are told."""
    data = event.data
    happening = Happening(
        type=event.type,
        by_id=event.member_id,
        given_to=data.get("assignee_id"),
        given_team=data.get("team_id"),
        named_ids=frozenset(data.get("mentioned_ids") or data.get("told_ids") or ()),
        writer_id=data.get("writer_id"),
    )
    return Seen(
        happening=happening,
        workspace_id=event.workspace_id,
        conversation_id=event.conversation_id or 0,
        message_id=event.message_id,
        note_id=data.get("note_id"),
        by_name=str(data.get("by_name") or "")[:80],
        why=str(data.get("why") or data.get("reason") or "")[:300],
        at=event.at,
    )


def tell(events: Sequence[Seen], *, at: datetime) -> int:
    """Write what these events mean for whom; how many lines there are. Call it in a transaction."""
    events = _with_writers([event for event in events if event.conversation_id])
    if not events:
        return 0
    talks = _talks({event.conversation_id for event in events})
    people = _people(events, talks)
    lines: dict[tuple[int, int, str], Line] = {}
    for event in events:
        talk = talks.get(event.conversation_id)
        if talk is not None:
            own = people.get(event.workspace_id, {})
            for member_id, kind in rules.told(event.happening, talk, own).items():
                _add(lines, event, member_id, kind)
    return put(list(lines.values()), at=at)


def _add(lines: dict[tuple[int, int, str], Line], event: Seen, member_id: int, kind: str) -> None:
    known = lines.get((member_id, event.conversation_id, kind))
    lines[member_id, event.conversation_id, kind] = Line(
        workspace_id=event.workspace_id,
        member_id=member_id,
        conversation_id=event.conversation_id,
        kind=kind,
        at=event.at,
        message_id=event.message_id,
        note_id=event.note_id,
        by_name=event.by_name,
        why=event.why,
        count=1 + (known.count if known else 0),
    )


def put(lines: Sequence[Line], *, at: datetime) -> int:
    """Write lines by the ways their members want, have devices told, and tell open desks; how many were written."""
    wants = _wants({line.member_id for line in lines})
    rows, loud = [], dict[tuple[int, str], datetime | None]()
    for line in lines:
        wishes, active_at = wants[line.member_id]
        ways, now = rules.ways_of(line.kind, wishes), rules.ways_now(line.kind, wishes, at=at)
        if not ways - {"sound"}:
            continue
        is_fresh = at - line.at < rules.FRESH_FOR
        rows.append(_row(line, ways, is_loud=is_fresh and "sound" in now))
        if is_fresh and "push" in now:
            loud[line.member_id, line.kind] = active_at
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_PUT, {"lines": orjson.dumps(rows).decode()})
        written = cursor.fetchall()
        pushes = [
            {
                "id": key,
                "member_id": member_id,
                "due": rules.push_due(at=at, active_at=loud[member_id, kind], pushed_at=pushed_at),
            }
            for key, member_id, kind, pushed_at, _ in written
            if (member_id, kind) in loud
        ]
        if pushes:
            cursor.execute(_PUSH, {"lines": orjson.dumps(pushes).decode()})
    _ring({(line.workspace_id, line.member_id) for line in lines})
    return len(written)


def _row(line: Line, ways: frozenset[rules.Way], *, is_loud: bool) -> dict[str, Any]:
    return {
        "member_id": line.member_id,
        "conversation_id": line.conversation_id,
        "kind": line.kind,
        "message_id": line.message_id,
        "note_id": line.note_id,
        "by_name": line.by_name,
        "why": line.why,
        "count": line.count,
        "in_app": "app" in ways,
        "by_email": "email" in ways,
        "is_loud": is_loud,
        "at": line.at,
    }


def _ring(members: Iterable[tuple[int, int]]) -> None:
    """Tell the open desks of these members, when the transaction commits, that there is news for them."""
    by_workspace: dict[int, list[int]] = defaultdict(list)
    for workspace_id, member_id in sorted(members):
        by_workspace[workspace_id].append(member_id)
    with connection.cursor() as cursor:
        for workspace_id, ids in by_workspace.items():
            for start in range(0, len(ids), MOST_IN_A_NOTICE):
                payload = orjson.dumps(
                    {"w": workspace_id, "c": [], "m": ids[start : start + MOST_IN_A_NOTICE]}
                ).decode()
                cursor.execute("SELECT pg_notify(%s, %s)", [LIVE_CHANNEL, payload])


# Facts of a batch -----------------------------------------------------------------------------------------------------


def _with_writers(events: Sequence[Seen]) -> list[Seen]:
    """The same, each failed text with the conversation it is in and the member who wrote it."""
    failed = [event.message_id or 0 for event in events if event.happening.type == "message_failed"]
    if not failed:
        return list(events)
    writers = dict(Message.objects.filter(id__in=failed).values_list("id", "by_id"))
    return [
        replace(event, happening=replace(event.happening, writer_id=writers.get(event.message_id or 0)))
        if event.happening.type == "message_failed"
        else event
        for event in events
    ]


def _talks(ids: Iterable[int]) -> dict[int, Talk]:
    wanted = list(ids)
    following, muting = defaultdict(set), defaultdict(set)
    for conversation_id, member_id in Follower.objects.filter(conversation_id__in=wanted).values_list(
        "conversation_id", "member_id"
    ):
        following[conversation_id].add(member_id)
    for conversation_id, member_id in Mute.objects.filter(conversation_id__in=wanted).values_list(
        "conversation_id", "member_id"
    ):
        muting[conversation_id].add(member_id)
    rows = Conversation.objects.filter(id__in=wanted)
    return {
        key: Talk(
            id=key,
            assignee_id=assignee_id,
            team_id=team_id,
            follower_ids=frozenset(following[key]),
            muted_ids=frozenset(muting[key]),
            is_blocked=blocked_at is not None,
        )
        for key, assignee_id, team_id, blocked_at in rows.values_list(
            "id", "assignee_id", "team_id", "contact__blocked_at"
        )
    }


def _people(events: Sequence[Seen], talks: Mapping[int, Talk]) -> dict[int, dict[int, Person]]:
    """Everybody these events might be about, by workspace."""
    ids: set[int] = set()
    teams: set[int] = set()
    for event in events:
        happening, talk = event.happening, talks.get(event.conversation_id)
        ids |= happening.named_ids | {one for one in (happening.given_to, happening.writer_id) if one}
        if talk is not None:
            ids |= talk.follower_ids | {one for one in (talk.assignee_id,) if one}
        if happening.given_team and not happening.given_to:
            teams.add(happening.given_team)
    return people_where(Q(id__in=ids) | Q(id__in=Member.objects.filter(teams__in=teams).values("id")))


def people_where(condition: Q) -> dict[int, dict[int, Person]]:
    """Members who may sign in and for whom the condition holds, by workspace and id."""
    rows = Member.objects.filter(condition, is_active=True, user__is_active=True)
    found: dict[int, dict[int, Person]] = defaultdict(dict)
    for key, workspace_id, own_only, team_ids in rows.annotate(
        team_ids=ArrayAgg("teams", filter=Q(teams__isnull=False), default=[])
    ).values_list("id", "workspace_id", "sees_own_teams_only", "team_ids"):
        person = Person(id=key, sees_own_teams_only=own_only, team_ids=frozenset(team_ids))
        found[workspace_id][key] = person
    return found


def _wants(member_ids: Iterable[int]) -> dict[int, tuple[Wishes, datetime | None]]:
    """How these members want to be told, and when their desk was last in use."""
    ids = list(member_ids)
    rows = {row.member_id: row for row in Wish.objects.filter(member_id__in=ids)}
    zones = dict(Member.objects.filter(id__in=ids).values_list("id", "workspace__time_zone"))
    return {
        key: (wishes_of(rows.get(key), zone=zones.get(key, "UTC")), rows[key].active_at if key in rows else None)
        for key in ids
    }
