"""Who waits although a reply was written, and who does not although none was: replies that never arrived, calls.

A reply that fails for good, or is refused when it is to leave, is none: the customer waits again, since the same time.
One that arrives after all, and a call in which we talked with them, are answers. The outbox is read on in batches
beside sending and receiving. Only workspaces that follow reply times or have queues are looked at.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from asgiref.sync import sync_to_async
from django.db import close_old_connections, connection

from twoway.compliance.rules import NOTICES
from twoway.conversations import actions as conversations
from twoway.conversations.models import Conversation, State
from twoway.events.actions import notify, publish
from twoway.events.following import BATCH, Seen, apart, follow
from twoway.events.types import AnswerGiven, ReplyLost
from twoway.lib.rounds import keep_at
from twoway.messaging.rules import BESIDE, BROADCASTS, LOST, REPLIERS
from twoway.routing.actions.entering import routed_workspaces
from twoway.sla.policies import on_in
from twoway.teams.actor import system

LOOK_EVERY = 0.5
NAME = "unanswered"
TYPES = frozenset({"message_failed", "message_delivered", "call_ended"})
NOT_OURS = ("opted_out", "blocked", "undone")
"""Reasons for which nobody waits: they asked for no texts, or we want none of theirs."""
ONE_PRESS = timedelta(minutes=1)
"""Whoever marks done so soon after writing closes it because they have answered."""

_LOST = """
SELECT m.id, m.conversation_id, m.created_at FROM message m JOIN identity i ON i.id = m.identity_id
JOIN conversation c ON c.id = m.conversation_id
WHERE (c.last_inbound_at IS NOT NULL OR EXISTS (SELECT FROM phone_call p WHERE p.conversation_id = c.id))
  AND m.id = ANY(%(ids)s) AND m.direction = 'out' AND m.author = ANY(%(repliers)s) AND m.status = ANY(%(lost)s)
  AND m.error <> ALL(%(not_ours)s) AND m.purpose <> ALL(%(broadcasts)s)
  AND NOT (i.is_blocked AND coalesce(i.blocked_until > %(at)s, true))
ORDER BY m.id
"""
# The first text, or call in vain, of the episode after everything of ours that arrived or is on its way; how many.
_WAITS = """
SELECT min(t.at), count(*) FROM conversation c
JOIN episode e ON e.conversation_id = c.id AND e.number = c.episode
LEFT JOIN LATERAL (SELECT m.id, m.created_at FROM message m WHERE m.conversation_id = c.id AND m.direction = 'out'
    AND m.status <> ALL(%(lost)s) AND m.purpose <> ALL(%(beside)s) ORDER BY m.id DESC LIMIT 1) kept ON true
LEFT JOIN LATERAL (SELECT max(p.ended_at) AS at FROM phone_call p WHERE p.conversation_id = c.id
    AND p.state = 'completed' AND p.answered_at IS NOT NULL) talked ON true
CROSS JOIN LATERAL (
    SELECT m.created_at AS at FROM message m WHERE m.conversation_id = c.id AND m.direction = 'in'
      AND m.id > coalesce(kept.id, 0) AND m.created_at > coalesce(talked.at, '-infinity')
    UNION ALL
    SELECT p.ended_at FROM phone_call p WHERE p.conversation_id = c.id AND p.direction = 'in'
      AND p.state IN ('missed', 'voicemail')
      AND p.ended_at > greatest(coalesce(kept.created_at, '-infinity'), coalesce(talked.at, '-infinity'))) t
WHERE c.id = %(id)s AND t.at >= e.opened_at
"""
_OTHER = """
SELECT id, created_at FROM message WHERE conversation_id = %(id)s AND id > %(after)s AND direction = 'out'
  AND author = 'member' AND status <> ALL(%(lost)s) ORDER BY id LIMIT 1
"""
# Only what had failed is looked for: a text that was never lost has met its clock.
_ARRIVED = """
SELECT m.conversation_id, min(m.created_at) FROM message m JOIN conversation c ON c.id = m.conversation_id
WHERE m.id = ANY(%(ids)s) AND m.author = ANY(%(repliers)s) AND c.needs_reply AND m.created_at >= c.sort_at
  AND m.status IN ('delivered', 'read') AND EXISTS (
    SELECT FROM status_event s WHERE s.message_id = m.id AND s.status IN ('failed', 'undelivered'))
GROUP BY 1
UNION ALL
SELECT p.conversation_id, min(p.answered_at) FROM phone_call p
WHERE p.id = ANY(%(calls)s) AND p.state = 'completed' AND p.answered_at IS NOT NULL GROUP BY 1
"""
_WROTE_SINCE = """
SELECT min(created_at), count(*) FROM message
WHERE conversation_id = %(id)s AND direction = 'in' AND id > coalesce((SELECT max(id) FROM message
    WHERE conversation_id = %(id)s AND created_at <= %(at)s), 0)
"""


class _Lost(NamedTuple):
    id: int
    conversation_id: int
    at: datetime


def round_of(*, at: datetime, limit: int = BATCH) -> int:
    """Look at what happened since the last round; how many events were passed."""
    return follow(NAME, lambda rows: _look(rows, at=at), types=TYPES, at=at, limit=limit)


def _look(rows: Sequence[Seen], *, at: datetime) -> None:
    followed = on_in() | routed_workspaces()
    about = [row for row in rows if row.workspace_id in followed]
    apart(about, lambda some: _settle(some, at=at), name=NAME)


def _settle(rows: Sequence[Seen], *, at: datetime) -> None:
    """Answers that came after all first: what failed then is looked at as it stands."""
    ids = [row.message_id for row in rows if row.type == "message_delivered" and row.message_id]
    calls = [row.data.get("call_id") for row in rows if row.type == "call_ended"]
    if ids or calls:
        for key, given_at in _rows(_ARRIVED, ids=ids, calls=calls, repliers=list(REPLIERS)):
            _given(key, given_at, at=at)
    failed = [row.message_id for row in rows if row.type == "message_failed" and row.message_id]
    if failed:
        told = {"ids": failed, "repliers": list(REPLIERS), "lost": list(LOST), "not_ours": list(NOT_OURS),
                "broadcasts": list(BROADCASTS), "at": at}  # fmt: skip
        by_talk: dict[int, list[_Lost]] = defaultdict(list)
        for one in _rows(_LOST, **told):
            by_talk[one[1]].append(_Lost(*one))
        for key in sorted(by_talk):
            _lost(key, by_talk[key], at=at)


def _lost(conversation_id: int, lost: Sequence[_Lost], *, at: datetime) -> None:
    """The conversation waits again unless something else answers it; clocks are told of every reply that was lost."""
    talk = _locked(conversation_id)
    if talk is None:
        return
    beside = [*BESIDE, *(one.value for one in NOTICES)]
    since, count = _rows(_WAITS, id=talk.pk, lost=list(LOST), beside=beside)[0]
    if since is not None:
        talk = _opened(talk, lost, at=at)
    waits = since is not None and talk.state == State.OPEN
    if waits:
        earlier = min(since, talk.sort_at) if talk.needs_reply else since
        changed = {"needs_reply": True, "sort_at": earlier, "unanswered": max(count, 1)}
        Conversation.objects.filter(id=talk.pk).update(**changed)
    for one in lost:
        other = next(iter(_rows(_OTHER, id=talk.pk, after=one.id, lost=list(LOST))), (None, None))
        publish(
            ReplyLost(
                workspace_id=talk.workspace_id,
                conversation_id=talk.pk,
                contact_id=talk.contact_id,
                message_id=one.id,
                since=since if waits else None,
                other_id=other[0],
                other_at=other[1],
            ),
            at=at,
        )
    notify(workspace_id=talk.workspace_id, conversations=[(talk.pk, talk.team_id, talk.assignee_id)])


def _opened(talk: Conversation, lost: Iterable[_Lost], *, at: datetime) -> Conversation:
    """Put away or closed with the reply that was lost, it comes back; closed later on, it was closed for itself."""
    if talk.state == State.DONE:
        closed_at = talk.episodes.filter(number=talk.episode).values_list("closed_at", flat=True).first()
        if closed_at is None or not any(one.at <= closed_at < one.at + ONE_PRESS for one in lost):
            return talk
    if talk.state != State.OPEN:
        talk = conversations.reopen(conversation=talk, by=system(talk.workspace_id), at=at)
    return talk


def _given(conversation_id: int, given_at: datetime, *, at: datetime) -> None:
    """Nobody waits any more, unless they wrote again after it."""
    talk = _locked(conversation_id)
    if talk is None or not talk.needs_reply or talk.sort_at > given_at:
        return
    since, count = _rows(_WROTE_SINCE, id=talk.pk, at=given_at)[0]
    last_at = max(talk.last_message_at, given_at)
    changed = {"needs_reply": since is not None, "unanswered": count, "sort_at": since or last_at}
    Conversation.objects.filter(id=talk.pk).update(**changed, last_message_at=last_at)
    publish(
        AnswerGiven(
            workspace_id=talk.workspace_id,
            conversation_id=talk.pk,
            contact_id=talk.contact_id,
            given_at=given_at,
            since=since,
        ),
        at=at,
    )
    notify(workspace_id=talk.workspace_id, conversations=[(talk.pk, talk.team_id, talk.assignee_id)])


def _locked(conversation_id: int) -> Conversation | None:
    return Conversation.objects.select_for_update(no_key=True).filter(id=conversation_id).first()


def _rows(statement: str, **names: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, names)
        return list(cursor.fetchall())


async def run(stop: asyncio.Event) -> None:
    """Look until `stop` is set; whatever a round raises only makes it wait."""

    async def work() -> float:
        seen = await sync_to_async(_round, thread_sensitive=False)()
        return 0.0 if seen >= BATCH else LOOK_EVERY

    await keep_at(stop, work, name="unanswered", every=LOOK_EVERY)


def _round() -> int:
    close_old_connections()
    return round_of(at=datetime.now(UTC))
