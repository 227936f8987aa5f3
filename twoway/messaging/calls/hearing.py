"""A webhook about a call: what it changes, and what the provider is told to do next. Called for verified ones only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

import structlog
from django.db import transaction

from twoway.channels.models import Channel
from twoway.compliance.content.queries import settings_for
from twoway.compliance.shield.rules import redact
from twoway.compliance.shield.settings import settings_of
from twoway.contacts.actions import find_or_create
from twoway.contacts.models import Identity
from twoway.contacts.rules import is_blocked
from twoway.conversations import actions as conversations
from twoway.conversations.actions.opening import conversation_with
from twoway.conversations.models import Conversation
from twoway.events.actions import publish
from twoway.events.types import CallStarted
from twoway.messaging.calls import changing, queries, rules, wording
from twoway.messaging.calls.models import Call, CallDirection, MemberPhone
from twoway.messaging.calls.rules import PRESS, Known, Voiced
from twoway.providers.voice.base import Hangup, Heard, Instruction, Step
from twoway.sms import phone
from twoway.teams.actor import system

log = structlog.get_logger(__name__)

ANSWERED = frozenset({Step.CALLED, Step.AGENT, Step.KEYED, Step.DIALLED, Step.RECORDED})
"""Steps at which the provider waits for instructions."""
TELLING = frozenset({Step.RECORDED, Step.RECORDING, Step.TRANSCRIBED})
"""Steps that bring what a caller said."""
NAMES = UUID("6f0f7f0e-6c1b-4d53-9e6a-0c7f3c1c2a5d")
LONGEST_TRANSCRIPT = 10_000
RING_CUSTOMER = 40  # seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What the provider is told, and our name of the call for the addresses in it. `is_lost`: it brought what a caller
    said in a call nobody here knows."""

    instructions: tuple[Instruction, ...] = ()
    ref: str = ""
    is_lost: bool = False


def key_of(hook: str, provider_id: str) -> UUID:
    """Our name of a call that comes in at this hook: the same without a look at the database, so that a call can be
    answered, and its steps be known again, while that is away."""
    return uuid5(NAMES, f"{hook}/{provider_id[:120]}")


def comes_in(ref: str) -> bool:
    """Whether our name of a call is one of a call that came in, as `key_of` makes it."""
    try:
        return UUID(ref).version == 5
    except ValueError:
        return False


def hear(*, channel_id: int, heard: Heard, at: datetime) -> Told:
    """Take in one webhook. The same one again, or one that comes late, changes nothing more and is answered alike."""
    channel = Channel.objects.select_related("workspace").get(id=channel_id)
    with transaction.atomic():
        call = _find(channel, heard)
        if call is None and _says_all(channel, heard):
            call = _begin(channel, heard, at=at)
        if call is None:
            log.info("call_not_known", channel_id=channel.pk, step=heard.step.value)
            is_lost = heard.step in TELLING and bool(heard.recording_url or heard.transcript)
            return Told(instructions=(Hangup(),) if heard.step in ANSWERED else (), is_lost=is_lost)
        _take(call, heard, at=at)
        return Told(instructions=_tell(channel, call, heard, at), ref=call.key.hex)


def _says_all(channel: Channel, heard: Heard) -> bool:
    """Whether a webhook says enough of a call that comes in to begin with it: the first one may be late, or lost."""
    if heard.step == Step.CALLED:
        return True
    is_ours = not heard.ref or heard.ref == key_of(channel.hook, heard.provider_id).hex
    return heard.is_inbound and bool(heard.provider_id) and is_ours


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
    was_open = queries.is_open_at(channel, at)
    plan = queries.plan_for(channel.pk, is_open=was_open)
    made, is_new = Call.objects.get_or_create(
        channel=channel,
        provider_id=heard.provider_id[:120],
        defaults={
            "workspace_id": channel.workspace_id,
            "conversation": conversation,
            "direction": CallDirection.IN,
            "key": key_of(channel.hook, heard.provider_id),
            "phone": identity.value,
            "was_open": was_open,
            "started_at": at,
            "due_at": at + rules.FORGOTTEN["answered" if plan.does == "forward" else "in"],
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
    if heard.step in TELLING and not _is_erased(call):
        if heard.transcript and not call.transcript:
            fields["transcript"] = _kept_words(call.workspace_id, heard.transcript)
        if call.direction == CallDirection.IN and heard.step != Step.TRANSCRIBED:
            fields |= changing.recording_fields(call, heard, at=at)
    change = rules.change(known_of(call), heard)
    if change.has_agent and call.agent_at is None:
        theirs = MemberPhone.objects.filter(member_id=call.member_id or 0, number=call.other, verified_at=None)
        theirs.update(verified_at=at)
    changing.apply(call, change, fields, at=at)


def _kept_words(workspace_id: int, said: str) -> str:
    """A transcript without card numbers and other secrets, as a text is kept."""
    kinds = settings_of(vars(settings_for(workspace_id))).kinds
    kept, _ = redact(said.replace("\0", "")[:LONGEST_TRANSCRIPT], kinds=kinds)
    return kept


def _is_erased(call: Call) -> bool:
    """Whether this person was erased: what they said and comes late is not kept."""
    return Conversation.objects.filter(id=call.conversation_id, contact__erased_at__isnull=False).exists()


def known_of(call: Call) -> Known:
    """A call as the rules read it."""
    return Known(
        direction=call.direction,
        state=call.state,
        is_over=call.ended_at is not None,
        has_agent=call.agent_at is not None,
        recording_seconds=call.recording_seconds,
        code=call.code or PRESS,
    )


def _tell(channel: Channel, call: Call, heard: Heard, at: datetime) -> tuple[Instruction, ...]:
    is_over = call.ended_at is not None
    conversation = Conversation.objects.select_related("contact", "identity").get(id=call.conversation_id)
    if call.direction == CallDirection.OUT:
        return rules.tell_agent(
            heard,
            voiced_of(channel, ""),
            known=known_of(call),
            customer=call.phone,
            caller_id=channel.address,
            ring=RING_CUSTOMER,
        )
    if _is_blocked(conversation.identity, at) and heard.step in ANSWERED:
        return (Hangup(),)
    plan = queries.plan_for(channel.pk, is_open=call.was_open)
    voiced = voiced_of(channel, conversation.contact.language)
    return rules.tell(heard, plan, voiced, caller_id=channel.address, is_over=is_over)


def voiced_of(channel: Channel, language: str) -> Voiced:
    """What is spoken on this number: in this language where we have words in it, else in the workspace's."""
    language = wording.language_of(language, channel.workspace.language)
    business = channel.name or channel.workspace.name
    words = wording.all_of(language, queries.words_of(channel.workspace_id), business=business)
    return Voiced(words=words, language=wording.SPOKEN[language])
