"""Following what happens: who begins to wait, who is answered, whose conversation ends. In batches, beside intake."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F, Q

from twoway.channels.queries import calendars_of
from twoway.events.following import BATCH, Seen, follow
from twoway.events.models import Follower
from twoway.messaging.greeting import calling, live, settling
from twoway.messaging.greeting.calling import Talk
from twoway.messaging.greeting.models import FirstWait, Greeting, GreetingSettings, Promise
from twoway.messaging.rules import REPLIERS
from twoway.teams.hours.rules import is_open

NAME = "greeting"
EVENTS = frozenset(
    {"message_received", "message_queued", "message_failed", "conversation_done", "call_ended", "callback_changed"}
)
SEEN_AT_ONCE = timedelta(minutes=1)
"""Of a wait that is noticed later than this nobody knows how busy it was when it began."""
PLACED_WITHIN = timedelta(minutes=10)
"""So long a wait is looked at for the queue it went to."""

_BEGIN = """
INSERT INTO greeting (workspace_id, conversation_id, episode, message_id, kind, due_at, why)
SELECT c.workspace_id, c.id, c.episode, t.message, '', t.due, '{}'
FROM unnest(%(conversations)s::bigint[], %(messages)s::bigint[], %(dues)s::timestamptz[]) AS t(id, message, due)
JOIN conversation c ON c.id = t.id
WHERE c.needs_reply
ON CONFLICT DO NOTHING
"""
_NEW = """
SELECT c.id, c.workspace_id, c.channel_id, c.team_id, c.episode, c.sort_at,
    (SELECT count(*) FROM (
        SELECT FROM conversation w WHERE w.channel_id = c.channel_id AND w.state = 'open' AND w.needs_reply
        AND w.sort_at < c.sort_at LIMIT %(most)s) AS ahead)
FROM conversation c JOIN episode e ON e.conversation_id = c.id AND e.number = c.episode
WHERE c.id = ANY(%(ids)s) AND c.needs_reply
  AND NOT EXISTS (SELECT FROM first_wait f WHERE f.conversation_id = c.id AND f.episode = c.episode)
  AND NOT EXISTS (SELECT FROM message m WHERE m.conversation_id = c.id AND m.direction = 'out'
      AND m.author IN ('member', 'api') AND m.created_at >= e.opened_at)
"""
# One that is to leave at another time is no answer while another one leaves at once.
_ANSWERED = """
WITH answer AS (
    SELECT m.conversation_id, min(m.id) AS id FROM message m
    WHERE m.id = ANY(%(ids)s) AND m.direction = 'out' AND m.author IN ('member', 'api')
      AND m.purpose IN ('', 'reply') AND m.status <> 'canceled'
    GROUP BY m.conversation_id
), waits AS (
    UPDATE first_wait f SET answer_id = a.id FROM answer a
    WHERE f.conversation_id = a.conversation_id AND f.ended_at IS NULL AND (f.answer_id IS NULL
      OR EXISTS (SELECT FROM message h WHERE h.id = f.answer_id AND h.status = 'scheduled'))
)
UPDATE wait_promise p SET answer_id = a.id FROM answer a
WHERE p.conversation_id = a.conversation_id AND p.answered_at IS NULL AND p.outcome <> 'void' AND (p.answer_id IS NULL
  OR EXISTS (SELECT FROM message h WHERE h.id = p.answer_id AND h.status = 'scheduled'))
"""
# What Twoway itself says about what they asked for, as an answer to CALL or STOP: nobody waits for a person then.
_SAID_BY_US = """
SELECT m.conversation_id FROM message m JOIN conversation c ON c.id = m.conversation_id
WHERE m.id = ANY(%(ids)s) AND m.direction = 'out' AND NOT c.needs_reply
  AND NOT EXISTS (SELECT FROM message o WHERE o.conversation_id = c.id AND o.direction = 'out'
      AND o.author IN ('member', 'api') AND o.created_at >= c.last_inbound_at)
"""
_UNPLACED = """
SELECT f.id, e.queue_id, f.began_at FROM first_wait f JOIN queue_entry e ON e.conversation_id = f.conversation_id
WHERE f.began_at > %(since)s AND f.queue_id IS NULL AND f.ended_at IS NULL
ORDER BY f.id LIMIT %(most)s
"""


_PLACE = """
UPDATE first_wait f SET queue_id = t.queue, waiting = t.waiting, staff = t.staff
FROM unnest(%(ids)s::bigint[], %(queues)s::bigint[], %(waiting)s::int[], %(staff)s::int[])
     AS t(id, queue, waiting, staff)
WHERE f.id = t.id
"""


def forget() -> None:
    """Where no automatic text is switched on, nothing is read; later it begins with what comes then."""
    Follower.objects.filter(name=NAME).delete()


def round_of(settings: Mapping[int, GreetingSettings], *, at: datetime) -> int:
    """Read on once, for the workspaces that have `settings`; how many events were passed."""
    return follow(NAME, lambda rows: _handle(rows, settings, at), types=EVENTS, at=at)


def _handle(rows: Sequence[Seen], settings: Mapping[int, GreetingSettings], at: datetime) -> None:
    ours = [row for row in rows if row.workspace_id in settings]
    _begin([row for row in ours if row.type == "message_received"], settings, at)
    queued = [row for row in ours if row.type == "message_queued"]
    answers = [row.message_id for row in queued if row.data.get("author") in REPLIERS]
    if answers:
        with connection.cursor() as cursor:
            cursor.execute(_ANSWERED, {"ids": answers})
    _end_unasked([row.message_id for row in queued if row.data.get("author") == "system"], at)
    settling.lose([row.message_id for row in ours if row.type == "message_failed" and row.message_id], at=at)
    talks = calling.talks_of([row.data.get("call_id") for row in ours if row.type == "call_ended"])
    settling.talked([*talks, *(_talk(row) for row in ours if _is_talk(row))], at=at)
    done = [row.conversation_id for row in ours if row.type == "conversation_done"]
    if done:
        _end([key for key in done if key is not None], at)


def _is_talk(row: Seen) -> bool:
    """Whether somebody wrote down that they reached a customer who wanted a call."""
    return row.type == "callback_changed" and row.data.get("what") == "reached" and row.conversation_id is not None


def _talk(row: Seen) -> Talk:
    return Talk(conversation_id=row.conversation_id or 0, answered_at=row.at, ended_at=row.at)


def _end_unasked(messages: Sequence[int | None], at: datetime) -> None:
    """Twoway answered by itself what they asked for, so nobody waits, and nothing is learned of how long."""
    if not messages:
        return
    with connection.cursor() as cursor:
        cursor.execute(_SAID_BY_US, {"ids": list(messages)})
        answered = [row[0] for row in cursor.fetchall()]
    FirstWait.objects.filter(conversation_id__in=answered, ended_at=None, answer_id=None).delete()
    running = Promise.objects.filter(conversation_id__in=answered, outcome="", answer_id=None)
    running.update(outcome="void", settled_at=at)


def place(*, at: datetime) -> int:
    """Note for waits that began just now which queue they are in, and how busy it is; how many."""
    with connection.cursor() as cursor:
        cursor.execute(_UNPLACED, {"since": at - PLACED_WITHIN, "most": BATCH})
        found = cursor.fetchall()
    if not found:
        return 0
    queues = {queue_id for _, queue_id, _ in found}
    lines = live.waiting_in(queues, before=at)
    staff = live.staff_of(queues, at=at)
    late = [at - began > SEEN_AT_ONCE for _, _, began in found]
    with connection.cursor() as cursor:
        cursor.execute(
            _PLACE,
            {
                "ids": [row[0] for row in found],
                "queues": [row[1] for row in found],
                "waiting": [
                    None if is_late else bisect_left(lines.get(queue_id, []), began)
                    for is_late, (_, queue_id, began) in zip(late, found, strict=True)
                ],
                "staff": [
                    None if is_late else staff.get(queue_id)
                    for is_late, (_, queue_id, _) in zip(late, found, strict=True)
                ],
            },
        )
    return len(found)


def _begin(received: Sequence[Seen], settings: Mapping[int, GreetingSettings], at: datetime) -> None:
    """Whoever wrote may wait for the first time in their episode, and may get an automatic text."""
    first: dict[int, Seen] = {}
    for row in received:
        if row.conversation_id is not None and row.message_id is not None:
            first.setdefault(row.conversation_id, row)
    if not first:
        return
    dues = [row.at + timedelta(seconds=settings[row.workspace_id].grace_seconds) for row in first.values()]
    with connection.cursor() as cursor:
        cursor.execute(
            _BEGIN,
            {
                "conversations": list(first),
                "messages": [row.message_id for row in first.values()],
                "dues": dues,
            },
        )
        cursor.execute(_NEW, {"ids": list(first), "most": live.MOST_WAITING})
        new = cursor.fetchall()
    if new:
        _keep_waits(new, at)


def _keep_waits(new: Sequence[tuple[int, int, int, int | None, int, datetime, int]], at: datetime) -> None:
    calendars = {workspace_id: calendars_of(workspace_id, at) for workspace_id in {row[1] for row in new}}
    here = {place: live.staff(place[0], team_id=place[1], at=at) for place in {(row[1], row[3]) for row in new}}
    waits = []
    for conversation, workspace, channel, team, episode, since, ahead in new:
        calendar = calendars[workspace].of(team, channel)
        if not is_open(calendar, since):
            continue
        waits.append(
            FirstWait(
                workspace_id=workspace,
                conversation_id=conversation,
                channel_id=channel,
                team_id=team,
                episode=episode,
                began_at=since,
                hour=live.hour_of(calendar, since),
                waiting=ahead if at - since <= SEEN_AT_ONCE else None,
                staff=here[workspace, team] if at - since <= SEEN_AT_ONCE else None,
            )
        )
    FirstWait.objects.bulk_create(waits, ignore_conflicts=True)


def _end(done: Sequence[int], at: datetime) -> None:
    """Conversations ended: nobody waits there, so nothing was kept or broken, and nothing is learned. Also of one that
    began again meanwhile: its earlier episode is over."""
    over = Q(conversation__state="done") | Q(episode__lt=F("conversation__episode"))
    Greeting.objects.filter(over, conversation_id__in=done, sent_at=None).delete()
    FirstWait.objects.filter(over, conversation_id__in=done, ended_at=None, answer_id=None).delete()
    running = Promise.objects.filter(over, conversation_id__in=done, outcome="", answer_id=None)
    running.update(outcome="void", settled_at=at)
