"""Open, snoozed, done."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from django.db import connection, transaction

from twoway.conversations.actions.changing import ids, lock, name_of, tell
from twoway.conversations.models import Conversation, Episode, State
from twoway.conversations.rules import snooze_problem
from twoway.events.actions import Audience, notify, publish, publish_many
from twoway.events.queries import last_shown
from twoway.events.types import ConversationDone, ConversationReopened, ConversationSnoozed, ConversationWoken
from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.rules import Right

WAKE_AT_ONCE = 500

# They go to the top of their group; who is waiting keeps their place by how long they have.
_WAKE = """
UPDATE conversation SET state = 'open', snoozed_until = NULL,
                        sort_at = CASE WHEN needs_reply THEN sort_at ELSE %(at)s END
WHERE id IN (
    SELECT id FROM conversation WHERE state = 'snoozed' AND snoozed_until <= %(at)s
    ORDER BY snoozed_until LIMIT %(most)s FOR NO KEY UPDATE SKIP LOCKED)
RETURNING id, workspace_id, contact_id, team_id, assignee_id
"""


@transaction.atomic
def snooze(*, conversation: Conversation, until: datetime | None, by: Actor, at: datetime) -> Conversation:
    """Put it away until a time, or with None until they write. Raises `NotAllowed`, `NotFound`, `Invalid`."""
    conversation = lock(conversation, by=by, right=Right.REPLY)
    problem = snooze_problem(until=until, at=at)
    if problem:
        raise Invalid(problem, field="until")
    if conversation.state == State.DONE:
        raise Invalid(t("It is done. Reopen it first."), code="is_done")
    if conversation.state == State.SNOOZED and conversation.snoozed_until == until:
        return conversation
    conversation.state, conversation.snoozed_until = State.SNOOZED, until
    conversation.save(update_fields=["state", "snoozed_until"])
    publish(
        ConversationSnoozed(
            **ids(conversation, by),
            until=until,
            by_name=name_of(by),
        ),
        at=at,
    )
    tell(conversation)
    return conversation


def wake_due(*, at: datetime) -> int:
    """Open every conversation whose snooze is over, in batches of their own transactions; how many there were."""
    total = 0
    while True:
        woken = _wake_batch(at)
        total += woken
        if woken < WAKE_AT_ONCE:
            return total


@transaction.atomic
def _wake_batch(at: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_WAKE, {"at": at, "most": WAKE_AT_ONCE})
        rows = cursor.fetchall()
    told: dict[int, list[Audience]] = defaultdict(list)
    events = []
    for key, workspace_id, contact_id, team_id, assignee_id in rows:
        told[workspace_id].append((key, team_id, assignee_id))
        events.append(
            ConversationWoken(workspace_id=workspace_id, conversation_id=key, contact_id=contact_id, why="time")
        )
    publish_many(events, at=at)
    for workspace_id, conversations in told.items():
        notify(workspace_id=workspace_id, conversations=conversations)
    return len(rows)


@transaction.atomic
def done(*, conversation: Conversation, by: Actor, at: datetime) -> Conversation:
    """End the episode. Nobody waits any more; a new text begins the next one. Raises `NotAllowed`, `NotFound`."""
    conversation = lock(conversation, by=by, right=Right.REPLY)
    if conversation.state == State.DONE:
        return conversation
    event = ConversationDone(
        **ids(conversation, by),
        episode=conversation.episode,
        waiting_since=conversation.sort_at if conversation.needs_reply else None,
        unanswered=conversation.unanswered,
        last_message_id=conversation.last_message_id,
        by_name=name_of(by),
    )
    conversation.state, conversation.snoozed_until = State.DONE, None
    conversation.needs_reply, conversation.unanswered = False, 0
    conversation.sort_at = conversation.last_message_at
    conversation.save(update_fields=["state", "snoozed_until", "needs_reply", "unanswered", "sort_at"])
    Episode.objects.update_or_create(
        conversation=conversation,
        number=conversation.episode,
        defaults={"closed_at": at, "closed_by_id": by.member_id},
        create_defaults={"opened_at": conversation.created_at, "closed_at": at, "closed_by_id": by.member_id},
    )
    publish(event, at=at)
    tell(conversation)
    return conversation


@transaction.atomic
def reopen(*, conversation: Conversation, by: Actor, at: datetime) -> Conversation:
    """Take a done back: the same episode goes on, and who was waiting waits again, since the same time. A snoozed one
    is woken. Raises `NotAllowed`, `NotFound`.
    """
    conversation = lock(conversation, by=by, right=Right.REPLY)
    if conversation.state == State.OPEN:
        return conversation
    if conversation.state == State.SNOOZED:
        publish(ConversationWoken(**ids(conversation, by), by_name=name_of(by)), at=at)
        if not conversation.needs_reply:
            conversation.sort_at = at
    else:
        Episode.objects.filter(conversation=conversation, number=conversation.episode).update(
            closed_at=None, closed_by=None
        )
        _wait_again(conversation)
        publish(ConversationReopened(**ids(conversation, by), by_name=name_of(by)), at=at)
    conversation.state, conversation.snoozed_until = State.OPEN, None
    conversation.save(update_fields=["state", "snoozed_until", "needs_reply", "unanswered", "sort_at"])
    tell(conversation)
    return conversation


def _wait_again(conversation: Conversation) -> None:
    """Restore who was waiting when it was marked done, unless something was said since."""
    line = last_shown(conversation.id, event_type=ConversationDone.type)
    if line is None or not isinstance(line.event, ConversationDone):
        return
    if line.event.waiting_since and line.event.last_message_id == conversation.last_message_id:
        conversation.needs_reply = True
        conversation.sort_at = line.event.waiting_since
        conversation.unanswered = line.event.unanswered
