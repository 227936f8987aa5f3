"""Following what happens: who begins to wait, who is answered, whose conversation ends. In batches, beside intake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q

from twoway.channels.queries import calendars_of
from twoway.conversations.models import Conversation
from twoway.events.following import Seen, follow
from twoway.events.models import Follower
from twoway.messaging.greeting import live
from twoway.messaging.greeting.models import FirstWait, Greeting, GreetingSettings, Promise
from twoway.teams.hours.rules import is_open

NAME = "greeting"
EVENTS = frozenset({"message_received", "message_queued", "conversation_done"})

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
_ANSWERED = """
WITH answer AS (
    SELECT m.conversation_id, min(m.id) AS id FROM message m
    WHERE m.id = ANY(%(ids)s) AND m.direction = 'out' AND m.author IN ('member', 'api')
      AND m.purpose IN ('', 'reply') AND m.status <> 'canceled'
    GROUP BY m.conversation_id
), waits AS (
    UPDATE first_wait f SET answer_id = a.id FROM answer a
    WHERE f.conversation_id = a.conversation_id AND f.ended_at IS NULL AND f.answer_id IS NULL
)
UPDATE wait_promise p SET answer_id = a.id FROM answer a
WHERE p.conversation_id = a.conversation_id AND p.answered_at IS NULL AND p.answer_id IS NULL AND p.outcome <> 'void'
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
    answers = [
        row.message_id for row in ours if row.type == "message_queued" and row.data.get("author") in {"member", "api"}
    ]
    if answers:
        with connection.cursor() as cursor:
            cursor.execute(_ANSWERED, {"ids": answers})
    done = [row.conversation_id for row in ours if row.type == "conversation_done"]
    if done:
        _end([key for key in done if key is not None], at)


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
                waiting=ahead,
                staff=here[workspace, team],
            )
        )
    FirstWait.objects.bulk_create(waits, ignore_conflicts=True)


def _end(done: Sequence[int], at: datetime) -> None:
    """Conversations ended: nobody waits there, so nothing was kept or broken, and nothing is learned."""
    still = Q(conversation__state="done")
    ended = list(Conversation.objects.filter(id__in=done, state="done").values_list("id", flat=True))
    Greeting.objects.filter(conversation_id__in=ended, sent_at=None).delete()
    FirstWait.objects.filter(still, conversation_id__in=ended, ended_at=None, answer_id=None).delete()
    running = Promise.objects.filter(still, conversation_id__in=ended, outcome="", answer_id=None)
    running.update(outcome="void", settled_at=at)
