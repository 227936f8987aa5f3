"""Calls to customers: a member's own phone is rung first, then the customer, who sees our number."""

from __future__ import annotations

import secrets
from datetime import datetime

import structlog
from django.db import IntegrityError, transaction

from twoway.channels.models import Channel
from twoway.channels.queries import account
from twoway.channels.urls import voice_url
from twoway.compliance.queries import is_opted_out
from twoway.contacts.rules import is_blocked
from twoway.conversations import actions as conversations
from twoway.conversations.models import Conversation
from twoway.events.actions import publish
from twoway.events.types import CallStarted
from twoway.lib.refusal import Invalid, NotAllowed, Refused
from twoway.lib.sealing import WrongKey
from twoway.lib.words import t
from twoway.messaging.calls import changing, queries, rules
from twoway.messaging.calls.hearing import known_of
from twoway.messaging.calls.models import Call, CallDirection, CallOutcome, CallState
from twoway.providers import http
from twoway.providers.base import NotConnected, Rejected, SendError, Uncertain
from twoway.providers.voice import registry
from twoway.providers.voice.base import Outgoing, Voice
from twoway.sms.phone import is_costly
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

log = structlog.get_logger(__name__)

RING_MEMBER = 30  # seconds
LONGEST_ERROR = 300
LONGEST_NOTE = 2_000


def start_call(
    *,
    conversation: Conversation,
    by: Actor,
    at: datetime,
    is_confirmed: bool = False,
    idempotency_key: str | None = None,
) -> Call:
    """Ring this member's phone, and when they pick up, the customer. Asks the provider; not in a transaction.

    `is_confirmed`: they know that the customer opted out of texts, and call all the same. The same key again is the
    same call. Raises `NotAllowed`, `Refused` (no_phone, no_number, costly, blocked, opted_out, no_voice,
    already_calling, too_many_calls, phone_not_verified, idempotency_key_reused, call_failed).
    """
    require(by, Right.CALL)
    known = _known(by, conversation, idempotency_key)
    if known is not None:
        return known
    channel = Channel.objects.select_related("workspace").get(id=conversation.channel_id)
    phone, customer = _checked(conversation, channel, by=by, at=at, is_confirmed=is_confirmed)
    voice = registry.get(channel.provider)
    if voice is None or not queries.can_call(channel):
        raise Refused(t("Calls can't be placed from this number of ours."), code="no_voice")
    code = _code(conversation, by=by, at=at)
    call = _begin(conversation, channel, ends=(phone, customer), code=code, by=by, at=at, key=idempotency_key)
    return _place(call, channel, voice, at=at)


def _known(by: Actor, conversation: Conversation, key: str | None) -> Call | None:
    """The call this key was used for. Raises `Refused` when that was another member's, or to somebody else."""
    found = Call.objects.filter(workspace_id=by.workspace_id, idempotency_key=key).first() if key else None
    if found is not None and (found.conversation_id, found.member_id) != (conversation.pk, by.member_id):
        raise Refused(t("This idempotency key was used for another call."), code="idempotency_key_reused")
    return found


def _code(conversation: Conversation, *, by: Actor, at: datetime) -> str:
    """What this member enters when their phone rings, "" on one that is theirs for certain. Raises `Refused`."""
    is_verified = queries.is_verified(by.member_id)
    asked = queries.asked_for(by.member_id, conversation.pk, at=at)
    why = rules.why_not_again(**asked, is_verified=is_verified)
    if why == "too_many_calls":
        raise Refused(t("You placed very many calls in this hour. Wait a while, or text them."), code=why)
    if why:
        raise Refused(t("Nobody entered the code on your phone for several calls. Try again tomorrow."), code=why)
    return "" if is_verified else f"{secrets.randbelow(10**rules.CODE_KEYS):0{rules.CODE_KEYS}d}"


def _checked(
    conversation: Conversation, channel: Channel, *, by: Actor, at: datetime, is_confirmed: bool
) -> tuple[str, str]:
    """The member's phone and the customer's, when this call may be. Raises `NotAllowed`, `Refused`."""
    if conversation.workspace_id != by.workspace_id or by.member_id is None:
        raise NotAllowed(t("Only a teammate can call: their own phone is rung first."))
    phone, identity = queries.phone_of(by.member_id), conversation.identity
    if not phone:
        raise Refused(t("Add your phone in your profile first: it rings before the customer's."), code="no_phone")
    if not rules.is_diallable(identity.value):
        raise Refused(t("This person has no number that can be called."), code="no_number")
    if is_costly(identity.value):
        raise Refused(t("Calls to this number cost extra, so none is placed from here."), code="costly")
    if is_blocked(at if identity.is_blocked else None, identity.blocked_until, at=at):
        raise Refused(t("This contact is blocked. Unblock them to call them."), code="blocked")
    if not is_confirmed and is_opted_out(identity=identity, channel=channel):
        raise Refused(t("They opted out of texts. Call them only if they asked for it."), code="opted_out")
    return phone, identity.value


@transaction.atomic
def _begin(
    conversation: Conversation,
    channel: Channel,
    *,
    ends: tuple[str, str],
    code: str,
    by: Actor,
    at: datetime,
    key: str | None,
) -> Call:
    phone, customer = ends
    try:
        with transaction.atomic():
            call = Call.objects.create(
                workspace_id=by.workspace_id,
                channel=channel,
                conversation=conversation,
                direction=CallDirection.OUT,
                phone=customer,
                other=phone,
                member_id=by.member_id,
                by_name=by.name[:80],
                started_at=at,
                idempotency_key=key,
                code=code,
                due_at=at + rules.FORGOTTEN["out"],
            )
    except IntegrityError:
        raise Refused(t("You are in a call already."), code="already_calling") from None
    publish(
        CallStarted(
            workspace_id=by.workspace_id,
            conversation_id=conversation.pk,
            contact_id=conversation.contact_id,
            member_id=by.member_id,
            by_name=by.name,
            call_id=call.pk,
            channel_id=channel.pk,
            direction=CallDirection.OUT,
        ),
        at=at,
    )
    changing.tell(call)
    return call


def _place(call: Call, channel: Channel, voice: Voice, *, at: datetime) -> Call:
    """Ask the provider. What it did not confirm may ring all the same: its webhooks say so, or the loop closes it."""
    asked = Outgoing(to=call.other, sender=channel.address, url=voice_url(channel), ref=call.key.hex, ring=RING_MEMBER)
    try:
        placed = voice.read_place(http.call_sync(voice.place(account(channel), asked)))
    except Uncertain as error:
        log.warning("call_not_confirmed", call_id=call.pk, why=str(error))
    except (SendError, WrongKey) as error:
        _failed(call, error, at=at)
        raise Refused(_why(error), code="call_failed") from error
    else:
        Call.objects.filter(id=call.pk, provider_id="").update(provider_id=placed[:120])
    call.refresh_from_db()
    return call


def _why(error: SendError | WrongKey) -> str:
    if isinstance(error, NotConnected):
        return t("The provider can't be reached, so nobody was called. Try again in a minute.")
    if isinstance(error, Rejected) and error.detail:
        return t("The provider refused the call: {why}", why=t(error.detail))
    return t("The provider refused the call.")


@transaction.atomic
def _failed(call: Call, error: Exception, *, at: datetime) -> None:
    locked = Call.objects.select_for_update(no_key=True).get(id=call.pk)
    known = known_of(locked)
    changing.apply(locked, rules.refused(known), {"error": str(error)[:LONGEST_ERROR]}, at=at)


def end_call(*, call: Call, by: Actor, at: datetime) -> Call:
    """Hang up a call of one's own. Asks the provider; not in a transaction. Raises `NotAllowed`, `Refused`."""
    require(by, Right.CALL)
    if call.member_id is None or call.member_id != by.member_id:
        raise NotAllowed(t("Only who is in a call can end it."))
    voice = registry.get(call.channel.provider)
    if call.ended_at is not None or voice is None:
        return call
    if call.provider_id:
        try:
            answer = http.call_sync(voice.end(account(call.channel), call.provider_id))
        except (SendError, WrongKey) as error:
            raise Refused(t("The provider didn't end the call. Hang up on your phone."), code="call_failed") from error
        if answer.status >= 500:
            raise Refused(t("The provider didn't end the call. Hang up on your phone."), code="call_failed")
    with transaction.atomic():
        locked = Call.objects.select_for_update(no_key=True).get(id=call.pk)
        changing.apply(locked, rules.forgotten(known_of(locked)), {}, at=at)
    return locked


@transaction.atomic
def set_outcome(*, call: Call, outcome: str, by: Actor, at: datetime, note: str = "") -> Call:
    """Say what came of a call to a customer, and with words that as a note in the thread. Raises `NotAllowed`,
    `Invalid`."""
    require(by, Right.CALL)
    if outcome not in CallOutcome.values:
        raise Invalid(t("Choose one of: {choices}.", choices=", ".join(CallOutcome.values)), field="outcome")
    if len(note) > LONGEST_NOTE:
        raise Invalid(t("Use at most {most} characters.", most=LONGEST_NOTE), field="note")
    if call.direction != CallDirection.OUT or call.ended_at is None:
        raise Invalid(t("Say what came of a call when it is over."), field="outcome")
    locked = Call.objects.select_for_update(no_key=True).get(id=call.pk)
    if locked.outcome != outcome:
        locked.outcome = outcome
        locked.save(update_fields=["outcome"])
    if note.strip():
        conversations.add_note(conversation=locked.conversation, body=note, by=by, at=at)
    changing.tell(locked)
    return locked


def is_running(call: Call) -> bool:
    """Whether somebody may still talk."""
    return call.ended_at is None and call.state in (CallState.RINGING, CallState.ANSWERED)
