"""Hands for these tests: switching texts on, a customer who texts, a past to estimate from, and rounds of the loop."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.events.actions import publish
from twoway.events.types import MessageReceived
from twoway.messaging import outbound
from twoway.messaging.greeting import actions, live, loop
from twoway.messaging.greeting.actions import Wish
from twoway.messaging.greeting.models import FirstWait
from twoway.messaging.models import Message
from twoway.teams.hours import actions as hours
from twoway.teams.hours.actions import HoursWish
from twoway.teams.hours.rules import ALWAYS

GRACE = timedelta(seconds=20)
MINUTE = timedelta(minutes=1)


def switch_on(by: Player, *kinds: str, **place: int) -> None:
    """Switch kinds of texts on with the given words, and let the loop begin."""
    for kind in kinds:
        actions.set_wording(wish=Wish(kind=kind, is_on=True, texts={}), by=by.actor, at=NOW, **place)
    loop.round_of(at=NOW)


def open_hours(by: Player, start: int, end: int = 17 * 60) -> None:
    """Open from Monday to Friday between these minutes of the day in Los Angeles; NOW is Tuesday 10:00 there."""
    wish = HoursWish(name="Desk", week=(((start, end),),) * 5 + ((), ()), zone="America/Los_Angeles")
    row = hours.create_hours(by=by.actor, wish=wish, at=NOW)
    hours.set_usual(by=by.actor, hours_id=row.pk, at=NOW)


def past(channel: Channel, *, minutes: float = 12.0, cases: int = 40, at: datetime = NOW) -> None:
    """Waits of the same hour of the week in the weeks before."""
    FirstWait.objects.bulk_create(
        FirstWait(
            workspace_id=channel.workspace_id,
            channel=channel,
            episode=1,
            began_at=at - timedelta(weeks=1 + n % 7),
            hour=live.hour_of(ALWAYS, at),
            ended_at=at - timedelta(weeks=1 + n % 7) + minutes * MINUTE,
            seconds=minutes * 60,
        )
        for n in range(cases)
    )


def texts(
    channel: Channel,
    body: str = "Where is my car?",
    *,
    at: datetime = NOW,
    thread: Conversation | None = None,
    **more: Any,
) -> Conversation:
    """A customer texts: the message, what it does to the conversation, and its event."""
    thread = thread or make.make_conversation(channel, at=at, **more)
    message = make.make_message(thread, at=at, body=body)
    publish(
        MessageReceived(
            workspace_id=thread.workspace_id,
            conversation_id=thread.pk,
            contact_id=thread.contact_id,
            message_id=message.pk,
            channel_id=thread.channel_id,
        ),
        at=at,
    )
    thread.refresh_from_db()
    return thread


def answers(by: Player, thread: Conversation, *, at: datetime, leaves: bool = True) -> Message:
    """A member answers, and the carrier takes it at once."""
    message = outbound.queue_text(by=by.actor, conversation=thread, body="In bay B16.", at=at).message
    if leaves:
        Message.objects.filter(pk=message.pk).update(status="sent", sent_at=at)
    return message


def rounds(*, at: datetime) -> None:
    """One round now and one after the grace, as the loop makes them."""
    loop.round_of(at=at)
    loop.round_of(at=at + GRACE)


def automatic(thread: Conversation) -> list[str]:
    """The words of the automatic texts in a conversation, oldest first."""
    rows = Message.objects.filter(conversation=thread, purpose="auto_reply").order_by("id")
    return list(rows.values_list("body", flat=True))
