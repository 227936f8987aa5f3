"""The demo's calls: what happens when somebody calls one of the numbers, and a call of a teammate in a thread."""

from __future__ import annotations

from datetime import datetime, timedelta

from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.events.actions import publish
from twoway.events.types import CallStarted
from twoway.messaging.calls import setting
from twoway.messaging.calls.models import Call
from twoway.messaging.calls.rules import Plan
from twoway.ops.demo.threads import Cast

LENGTH = timedelta(seconds=192)
EARLIER = timedelta(minutes=6)


def ring(*, cast: Cast, channel: Channel, at: datetime) -> None:
    """Set the number up, and call somebody whose conversation is done. In the caller's transaction."""
    ana = cast.of("Ana")
    inside = Plan(does="text", texts_missed=True)
    outside = Plan(does="voicemail", texts_missed=True, message_seconds=90)
    setting.save_plan(channel=channel, is_open=True, plan=inside, by=ana, at=at)
    setting.save_plan(channel=channel, is_open=False, plan=outside, by=ana, at=at)
    done = Conversation.objects.filter(channel=channel, state="done", identity__kind="phone").order_by("-id")
    for conversation in done.select_related("identity")[:1]:
        _call(cast, conversation, at=conversation.last_message_at - EARLIER)


def _call(cast: Cast, conversation: Conversation, *, at: datetime) -> None:
    ana = cast.of("Ana")
    call = Call.objects.create(
        workspace_id=conversation.workspace_id,
        channel_id=conversation.channel_id,
        conversation=conversation,
        direction="out",
        provider_id="demo-1",
        phone=conversation.identity.value,
        state="completed",
        member_id=ana.member_id,
        by_name=ana.name,
        started_at=at,
        agent_at=at,
        answered_at=at,
        ended_at=at + LENGTH,
        seconds=int(LENGTH.total_seconds()),
        outcome="reached",
    )
    publish(
        CallStarted(
            workspace_id=conversation.workspace_id,
            conversation_id=conversation.pk,
            contact_id=conversation.contact_id,
            member_id=ana.member_id,
            by_name=ana.name,
            call_id=call.pk,
            channel_id=conversation.channel_id,
            direction="out",
        ),
        at=at,
    )
