"""Callbacks of the demo (to be made soon, made, without a time), and a phone queue with what it brought."""

from __future__ import annotations

from datetime import datetime, timedelta

from twoway.channels.models import Channel
from twoway.compliance.consent.actions import hash_of
from twoway.conversations.models import Conversation
from twoway.messaging.callbacks import queries
from twoway.messaging.callbacks.choosing import LIMITS, Choice, choose
from twoway.messaging.callbacks.models import Callback
from twoway.messaging.deflection import actions as deflection
from twoway.messaging.deflection.models import Deflection, PhoneQueue
from twoway.ops.demo.threads import Cast
from twoway.teams.models import Workspace

QUEUE = "Airport line"
SLOT = timedelta(minutes=20)
OFFERS = 14
ACCEPTED = 6
"""Of the offers of a day."""


def call(*, cast: Cast, workspace: Workspace, channel: Channel, at: datetime) -> None:
    """Switch callbacks on and show some. In the caller's transaction, after the stories."""
    defaults = {name: getattr(queries.setting_of(workspace.pk), name) for name in LIMITS}
    by = cast.of("Ana")
    choose(choice=Choice(is_on=True, words=queries.usual_words(), **defaults), by=by, at=at)
    rows = Conversation.objects.filter(workspace=workspace, channel=channel, identity__kind="phone")
    talks = list(rows.exclude(last_inbound_at=None).order_by("-last_inbound_at", "id")[:3])
    start = _round(at + timedelta(minutes=40))
    for number, talk in enumerate(talks):
        _callback(talk, number, cast=cast, start=start, at=at)
    _queue(cast, channel, at=at)


def _callback(talk: Conversation, number: int, *, cast: Cast, start: datetime, at: datetime) -> None:
    """The first is to be made soon, the second was made, the third has no time yet."""
    state, outcome, note = (
        ("booked", "", ""),
        ("done", "reached", "Refunded the extra hour, all fine."),
        ("left", "", ""),
    )[number]
    begins = start if state == "booked" else start - timedelta(hours=5)
    Callback.objects.create(
        workspace_id=talk.workspace_id,
        conversation=talk,
        contact_id=talk.contact_id,
        identity_id=talk.identity_id,
        channel_id=talk.channel_id,
        member=cast.members["Marcus"] if state != "left" else None,
        state=state,
        source="text",
        language="en",
        zone=talk.channel.workspace.time_zone,
        starts_at=begins if state != "left" else None,
        ends_at=begins + SLOT if state != "left" else None,
        seat=0 if state != "left" else None,
        outcome=outcome,
        note=note,
        next_at=begins - timedelta(minutes=10) if state == "booked" else None,
        created_at=at - timedelta(hours=6),
        changed_at=at - timedelta(hours=number),
    )


def _round(at: datetime) -> datetime:
    """The next moment at which a slot begins: every twenty minutes."""
    return at - timedelta(seconds=at.timestamp() % SLOT.total_seconds()) + SLOT


def _queue(cast: Cast, channel: Channel, *, at: datetime) -> None:
    queue = deflection.save_queue(
        by=cast.of("Ana"), at=at - timedelta(days=9), name=QUEUE, channel_id=channel.pk, team_id=channel.team_id
    )
    PhoneQueue.objects.filter(id=queue.pk).update(waiting=4, longest=150, agents=3, told_at=at)
    for number in range(OFFERS):
        offered = at - timedelta(minutes=25 * (number + 1))
        is_taken = number < ACCEPTED
        Deflection.objects.create(
            workspace_id=queue.workspace_id,
            queue=queue,
            queue_name=queue.name,
            state="accepted" if is_taken else "declined",
            caller_hash=hash_of(queue.workspace_id, kind="phone", value=f"+1503555{1000 + number}"),
            call=f"demo-{number}",
            waiting=5 + number % 4,
            longest=240 + 20 * number,
            waited=90 + 10 * number,
            offered_at=offered,
            answered_at=offered + timedelta(seconds=20),
        )
