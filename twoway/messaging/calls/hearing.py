"""A webhook about a call: what it changes, and what the provider is told to do next. Called for verified ones only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction

from twoway.channels.models import Channel
from twoway.contacts.actions import find_or_create
from twoway.contacts.models import Identity
from twoway.contacts.rules import is_blocked
from twoway.conversations import actions as conversations
from twoway.conversations.actions.opening import conversation_with
from twoway.conversations.models import Conversation
from twoway.events.actions import publish
from twoway.events.types import CallStarted
from twoway.messaging.calls import changing, queries, rules, wording
from twoway.messaging.calls.models import Call, CallDirection, CallState
from twoway.messaging.calls.rules import Known, Voiced
from twoway.providers.voice.base import Hangup, Heard, Instruction, Step
from twoway.sms import phone
from twoway.teams.actor import system

log = structlog.get_logger(__name__)

ANSWERED = frozenset({Step.CALLED, Step.AGENT, Step.DIALLED, Step.RECORDED})
"""Steps at which the provider waits for instructions."""
LONGEST_TRANSCRIPT = 10_000
RING_CUSTOMER = 40  # seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What the provider is told, and our name of the call for the addresses in it."""

    instructions: tuple[Instruction, ...] = ()
    ref: str = ""


def hear(*, channel_id: int, heard: Heard, at: datetime) -> Told:
    """Take in one webhook. The same one again, or one that comes late, changes nothing more and is answered alike."""
    channel = Channel.objects.select_related("workspace").get(id=channel_id)
    with transaction.atomic():
        call = _find(channel, heard)
        if call is None and heard.step == Step.CALLED:
            call = _begin(channel, heard, at=at)
        if call is None:
            log.info("call_not_known", channel_id=channel.pk, step=heard.step.value)
            return Told(instructions=(Hangup(),) if heard.step in ANSWERED else ())
        _take(call, heard, at=at)
        return Told(instructions=_tell(channel, call, heard, at), ref=call.key.hex)


def _find(channel: Channel, heard: Heard) -> Call | None:
    """The call a webhook is about, locked: by our own name of it first."""
    rows = Call.objects.select_for_update(no_key=True).filter(channel=channel)
    if heard.ref:
        try:
            return rows.filter(key=UUID(heard.ref)).first()
        except ValueError:
            return None
    return rows.filter(provider_id=heard.provider_id).first() if heard.provider_id else None


def _begin(channel: Channel, heard: Heard, *, at: datetime) -> Call | None:
    """A call that comes in, with its contact and conversation; None when a blocked person we never talked to calls."""
    by = system(channel.workspace_id)
    who = phone.Identity("alpha", rules.NOBODY)
    if not rules.is_withheld(heard.caller):
        who = phone.identify(heard.caller, region=channel.workspace.region or None)
    identity, _ = find_or_create(identity=who, by=by, at=at)
    conversation = _conversation(channel, identity, at=at)
    if conversation is None:
        return None
    made, is_new = Call.objects.get_or_create(
        channel=channel,
        provider_id=heard.provider_id[:120],
        defaults={
            "workspace_id": channel.workspace_id,
            "conversation": conversation,
            "direction": CallDirection.IN,
            "phone": identity.value,
            "was_open": queries.is_open_at(channel, at),
            "started_at": at,
            "due_at": at + rules.FORGOTTEN["in"],
        },
    )
    if is_new:
        publish(
            CallStarted(
                workspace_id=channel.workspace_id,
                conversation_id=conversation.pk,
                contact_id=conversation.contact_id,
                call_id=made.pk,
                channel_id=channel.pk,
                direction=CallDirection.IN,
            ),
            at=at,
        )
        changing.tell(made)
    return made


def _conversation(channel: Channel, identity: Identity, *, at: datetime) -> Conversation | None:
    if _is_blocked(identity, at):
        return conversation_with(channel=channel, contact_id=identity.contact_id)
    found, _ = conversations.open_conversation(
        channel=channel, identity=identity, by=system(channel.workspace_id), at=at
    )
    return found


def _is_blocked(identity: Identity, at: datetime) -> bool:
    return is_blocked(at if identity.is_blocked else None, identity.blocked_until, at=at)


def _take(call: Call, heard: Heard, *, at: datetime) -> None:
    """Keep what a webhook says."""
    fields: dict[str, object] = {}
    if heard.provider_id and call.provider_id != heard.provider_id and heard.step == Step.AGENT:
        fields["provider_id"] = heard.provider_id[:120]
    if heard.transcript and not call.transcript:
        fields["transcript"] = heard.transcript.replace("\0", "")[:LONGEST_TRANSCRIPT]
    if call.direction == CallDirection.IN and heard.step in (Step.RECORDED, Step.RECORDING):
        fields |= changing.recording_fields(call, heard, at=at)
    known = known_of(call)
    changing.apply(call, rules.change(known, heard), fields, at=at)


def known_of(call: Call) -> Known:
    """A call as the rules read it."""
    return Known(
        direction=call.direction,
        state=call.state,
        is_over=call.ended_at is not None,
        has_agent=call.agent_at is not None,
        recording_seconds=call.recording_seconds,
    )


def _tell(channel: Channel, call: Call, heard: Heard, at: datetime) -> tuple[Instruction, ...]:
    is_over = call.ended_at is not None
    conversation = Conversation.objects.select_related("contact", "identity").get(id=call.conversation_id)
    voiced = voiced_of(channel, conversation)
    if call.direction == CallDirection.OUT:
        return rules.tell_agent(
            heard,
            voiced,
            customer=call.phone,
            caller_id=channel.address,
            ring=RING_CUSTOMER,
            is_over=is_over and call.state != CallState.RINGING,
        )
    if _is_blocked(conversation.identity, at) and heard.step in ANSWERED:
        return (Hangup(),)
    plan = queries.plan_for(channel.pk, is_open=call.was_open)
    return rules.tell(heard, plan, voiced, caller_id=channel.address, is_over=is_over)


def voiced_of(channel: Channel, conversation: Conversation) -> Voiced:
    """What is spoken on this number to this person: in their language where we have words in it."""
    language = wording.language_of(conversation.contact.language, channel.workspace.language)
    own = queries.words_of(channel.workspace_id)
    business = channel.name or channel.workspace.name
    words = {kind: wording.worded(kind, language, own, business=business) for kind in wording.DEFAULTS}
    return Voiced(words=words, language=wording.SPOKEN[language])
