"""The demo's calls: what happens when somebody calls a number, a message somebody left, and a call of a teammate."""

from __future__ import annotations

from datetime import datetime, timedelta

from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.events.actions import publish
from twoway.events.types import CallStarted
from twoway.messaging.calls import setting
from twoway.messaging.calls.models import Call
from twoway.messaging.calls.rules import Plan
from twoway.messaging.media.actions import keep
from twoway.messaging.media.files import scratch
from twoway.messaging.models import MediaFile
from twoway.ops.demo.threads import Cast
from twoway.providers.simulator_carrier.calls import tone

LEFT_BY = "Theo Park"
SPOKEN = 9
"""Seconds of the message."""
HEARD = "Hi, it's Theo at the Pine Street station. The charging cable won't come out of Willow. I'll text you too."
LENGTH = timedelta(seconds=192)
EARLIER = timedelta(minutes=6)


def ring(*, cast: Cast, channel: Channel, at: datetime) -> None:
    """Set the number up; somebody left a message, and somebody whose conversation is done was called.

    In the caller's transaction.
    """
    ana = cast.of("Ana")
    inside = Plan(does="voicemail", texts_missed=True, message_seconds=90, is_transcribed=True)
    outside = Plan(does="text", texts_missed=True)
    setting.save_plan(channel=channel, is_open=True, plan=inside, by=ana, at=at)
    setting.save_plan(channel=channel, is_open=False, plan=outside, by=ana, at=at)
    done = Conversation.objects.filter(channel=channel, state="done", identity__kind="phone").order_by("-id")
    for conversation in done.select_related("identity")[:1]:
        _call(cast, conversation, at=conversation.last_message_at - EARLIER)
    waits = Conversation.objects.select_related("identity").get(channel=channel, contact__name=LEFT_BY)
    _voicemail(waits, at=waits.sort_at - timedelta(seconds=50))


def _voicemail(conversation: Conversation, *, at: datetime) -> None:
    """What they said to nobody, shortly before they texted."""
    ended = at + timedelta(seconds=SPOKEN + 12)
    with scratch() as path:
        path.write_bytes(tone(SPOKEN))
        media = keep(
            path=path,
            name="voicemail.wav",
            workspace_id=conversation.workspace_id,
            conversation_id=conversation.pk,
            by_id=None,
            at=ended,
        )
    MediaFile.objects.filter(id=media.pk).update(is_kept=True)
    call = Call.objects.create(
        workspace_id=conversation.workspace_id,
        channel_id=conversation.channel_id,
        conversation=conversation,
        direction="in",
        provider_id="demo-2",
        phone=conversation.identity.value,
        state="voicemail",
        started_at=at,
        ended_at=ended,
        seconds=SPOKEN + 12,
        recording_id=media.pk,
        recording_seconds=SPOKEN,
        transcript=HEARD,
    )
    publish(
        CallStarted(
            workspace_id=conversation.workspace_id,
            conversation_id=conversation.pk,
            contact_id=conversation.contact_id,
            call_id=call.pk,
            channel_id=conversation.channel_id,
            direction="in",
        ),
        at=at,
    )


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
