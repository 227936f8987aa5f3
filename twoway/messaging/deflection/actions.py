"""Phone queues: what they post, offers, and the text to who accepted one."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Q

from twoway.channels.models import Channel
from twoway.channels.queries import access_channel
from twoway.compliance.consent.actions import grant, hash_of
from twoway.compliance.queries import is_opted_out
from twoway.compliance.rules import Purpose
from twoway.contacts import actions as contacts
from twoway.contacts.models import Contact, Identity
from twoway.contacts.queries import find_identity
from twoway.conversations import actions as conversations
from twoway.conversations.actions.changing import ids, tell
from twoway.conversations.models import Conversation
from twoway.events.actions import audit, publish
from twoway.events.types import PhoneDeflected
from twoway.lib.refusal import Invalid, Refused
from twoway.lib.words import t
from twoway.messaging import outbound
from twoway.messaging.deflection import queries, rules, speaking
from twoway.messaging.deflection.models import Deflection, DeflectionState, PhoneQueue, QueueCall
from twoway.messaging.deflection.rules import Caller, Limits, Told, Why
from twoway.messaging.deflection.speaking import Reply
from twoway.sms import phone
from twoway.teams.actor import Actor, system
from twoway.teams.queries import access_team
from twoway.teams.rules import Right, require

log = structlog.get_logger(__name__)

LONGEST_NAME, LONGEST_SAY, LONGEST_TEXT = 60, 400, 320
MOST_QUEUES = 50
CONSENT_LASTS = timedelta(hours=72)
CALLS_KEPT = timedelta(days=35)
"""By keyed hash: long enough for a report of 30 days to say who called again."""
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""Zero bytes and halves of characters, which no text column takes."""
PHONES = frozenset({"sms", "whatsapp"})


# Setting up -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def save_queue(
    *,
    by: Actor,
    at: datetime,
    queue: PhoneQueue | None = None,
    name: str,
    channel_id: int,
    team_id: int | None = None,
    is_on: bool = True,
    over_waiting: int = 5,
    over_seconds: int = 180,
    language: str = "en",
    say: str = "",
    text: str = "",
) -> PhoneQueue:
    """Make a phone queue, or change one. Raises `NotAllowed`, `NotFound`, `Invalid` with the field."""
    require(by, Right.MANAGE_CHANNELS)
    name = " ".join(name.split())
    _check(name, over_waiting, over_seconds, language, say, text)
    channel = access_channel(by, channel_id)
    if channel.kind not in PHONES:
        raise Invalid(t("Choose a number that texts."), field="channel_id")
    team = None if team_id is None else access_team(by, team_id)
    if queue is None and PhoneQueue.objects.filter(workspace_id=by.workspace_id).count() >= MOST_QUEUES:
        raise Invalid(t("There are {most} phone queues already.", most=MOST_QUEUES))
    row = queue or PhoneQueue(workspace_id=by.workspace_id, hook=secrets.token_urlsafe(24), created_at=at)
    row.name, row.channel, row.team, row.is_on = name, channel, team, is_on
    row.over_waiting, row.over_seconds = over_waiting, over_seconds
    row.language, row.say, row.text = language, say.strip(), text.strip()
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Invalid(t("There is a phone queue of this name already."), field="name") from None
    _audit(by, "phone_queue.changed", row, at)
    return row


def _check(name: str, over_waiting: int, over_seconds: int, language: str, say: str, text: str) -> None:
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(t("Write a name of up to {most} characters.", most=LONGEST_NAME), field="name")
    if not 0 <= over_waiting <= rules.MOST_WAITING:
        raise Invalid(t("Choose from {least} to {most}.", least=0, most=rules.MOST_WAITING), field="over_waiting")
    if not 0 <= over_seconds <= rules.MOST_SECONDS:
        raise Invalid(t("Choose from {least} to {most}.", least=0, most=rules.MOST_SECONDS), field="over_seconds")
    if over_waiting == 0 and over_seconds == 0:
        raise Invalid(t("Say from how many calls or from which wait on a text is offered."), field="over_waiting")
    if language not in speaking.LANGUAGES:
        raise Invalid(t("Choose one of: {choices}.", choices=", ".join(speaking.LANGUAGES)), field="language")
    for field, words, most in (("say", say, LONGEST_SAY), ("text", text, LONGEST_TEXT)):
        if len(words) > most:
            raise Invalid(t("Write up to {most} characters.", most=most), field=field)


@transaction.atomic
def new_address(*, queue: PhoneQueue, by: Actor, at: datetime) -> PhoneQueue:
    """Another address: whoever knows the one before can post nothing any more. Raises `NotAllowed`."""
    require(by, Right.MANAGE_CHANNELS)
    queue.hook = secrets.token_urlsafe(24)
    queue.save(update_fields=["hook"])
    _audit(by, "phone_queue.changed", queue, at)
    return queue


@transaction.atomic
def remove_queue(*, queue: PhoneQueue, by: Actor, at: datetime) -> None:
    """Remove it; what its offers brought stays in the report. Raises `NotAllowed`."""
    require(by, Right.MANAGE_CHANNELS)
    _audit(by, "phone_queue.removed", queue, at)
    queue.delete()


def _audit(by: Actor, action: str, queue: PhoneQueue, at: datetime) -> None:
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action=action,
        subject=f"phone queue {queue.name}",
        data={"name": queue.name, "is_on": queue.is_on},
        at=at,
    )


# What a phone system posts --------------------------------------------------------------------------------------------


@transaction.atomic
def hear_state(*, queue: PhoneQueue, told: Told, kind: str, at: datetime) -> Reply:
    """Keep what a phone system says of its queue, and answer whether this caller is offered a text.

    The same call is offered one once: further posts of it only bring the numbers up to date.
    """
    told = replace(told, call=_UNSTORABLE.sub("", told.call), reason=_UNSTORABLE.sub("", told.reason))
    _keep(queue, told, at)
    who = rules.caller_of(told.caller, region=queue.workspace.region)
    hashed = _hash(queue, who) if who else ""
    if hashed:
        _note_call(queue, hashed, told.call, at)
    why = rules.decide(told, _limits(queue), _caller(queue, who, hashed, at), is_on=queue.is_on, at=at)
    if why is not Why.OFFER or who is None:
        return Reply(why=why.value, language=queue.language)
    offer = _offer(queue, told, who, hashed, at)
    if offer is None:
        return Reply(why=Why.ASKED.value, language=queue.language)
    return offering(queue=queue, offer_id=offer.pk, kind=kind)


def offering(*, queue: PhoneQueue, offer_id: int, kind: str) -> Reply:
    """The words, and where the answer goes."""
    return Reply(
        offers=True,
        why=Why.OFFER.value,
        say=queue.say or speaking.SAY[queue.language],
        offer_id=offer_id,
        answer_url=queries.answer_url(queue, offer_id, kind=kind),
        language=queue.language,
    )


def tried(*, queue: PhoneQueue, told: Told, at: datetime) -> Why:
    """What would be answered, and nothing is kept: for the test box."""
    who = rules.caller_of(told.caller, region=queue.workspace.region)
    hashed = _hash(queue, who) if who else ""
    return rules.decide(told, _limits(queue), _caller(queue, who, hashed, at), is_on=queue.is_on, at=at)


def _keep(queue: PhoneQueue, told: Told, at: datetime) -> None:
    """Only what was said: a post about one caller need not repeat the queue's numbers."""
    changes: dict[str, object] = {"told_at": at}
    for name in ("waiting", "longest", "agents"):
        value = getattr(told, name)
        if value is not None:
            changes[name] = value
    if len(changes) > 1:
        PhoneQueue.objects.filter(id=queue.pk).update(**changes)


def _limits(queue: PhoneQueue) -> Limits:
    return Limits(waiting=queue.over_waiting, seconds=queue.over_seconds)


def _hash(queue: PhoneQueue, who: phone.Identity) -> str:
    return hash_of(queue.workspace_id, kind=who.kind, value=who.value)


def _note_call(queue: PhoneQueue, hashed: str, call: str, at: datetime) -> None:
    """That they called; of calls without a name the latest counts."""
    row = QueueCall(workspace_id=queue.workspace_id, caller_hash=hashed, call=call, at=at)
    if call:
        QueueCall.objects.bulk_create([row], ignore_conflicts=True)
    else:
        key = ["workspace", "caller_hash", "call"]
        QueueCall.objects.bulk_create([row], update_conflicts=True, unique_fields=key, update_fields=["at"])


def _caller(queue: PhoneQueue, who: phone.Identity | None, hashed: str, at: datetime) -> Caller:
    if who is None:
        return Caller(is_phone=False)
    known = find_identity(queue.workspace_id, who)
    earlier = Deflection.objects.filter(workspace_id=queue.workspace_id, caller_hash=hashed)
    earlier = earlier.filter(offered_at__gt=at - rules.ASKED_FOR).order_by("-offered_at")
    return Caller(
        is_phone=True,
        reach=known.reach if known else "",
        is_opted_out=known is not None and is_opted_out(identity=known, channel=queue.channel),
        is_blocked=known is not None and known.is_blocked and (known.blocked_until is None or known.blocked_until > at),
        offered_at=earlier.values_list("offered_at", flat=True).first(),
    )


def _offer(queue: PhoneQueue, told: Told, who: phone.Identity, hashed: str, at: datetime) -> Deflection | None:
    """The offer, or None when another post of the same call was first."""
    try:
        with transaction.atomic():
            return Deflection.objects.create(
                workspace_id=queue.workspace_id,
                queue=queue,
                queue_name=queue.name,
                caller=who.value,
                caller_hash=hashed,
                call=told.call[: rules.LONGEST_CALL],
                waiting=told.waiting,
                longest=told.longest,
                waited=told.waited,
                reason=told.reason[: rules.LONGEST_REASON],
                offered_at=at,
            )
    except IntegrityError:
        return None


# What the caller answered ---------------------------------------------------------------------------------------------


def hear_answer(*, queue: PhoneQueue, offer_id: int, accepts: bool, at: datetime) -> Reply:
    """The caller pressed the key or not. Who accepted is texted, once. Raises `Refused` for an offer there is not."""
    with transaction.atomic():
        offer = Deflection.objects.select_for_update().filter(queue=queue, id=offer_id).first()
        if offer is None:
            raise Refused(t("There is no such offer."), code="no_such_offer")
        if offer.state != DeflectionState.OFFERED:
            return _answered(queue, offer)
        if not accepts or at - offer.offered_at > rules.ASKED_FOR:
            _close(offer, DeflectionState.DECLINED, at=at)
            return _answered(queue, offer)
        try:
            with transaction.atomic():
                _text(queue, offer, at)
        except Refused as refused:
            log.info("deflection_not_texted", why=refused.code, offer_id=offer.pk)
            offer.identity = offer.contact = offer.conversation = None
            _close(offer, DeflectionState.REFUSED, at=at, why=refused.code)
        return _answered(queue, offer)


def _answered(queue: PhoneQueue, offer: Deflection) -> Reply:
    """The same answer, however often it is asked."""
    if offer.state == DeflectionState.ACCEPTED:
        more = {"accepted": True, "conversation_id": offer.conversation_id}
        return Reply(ends=True, why="accepted", say=speaking.SENT[queue.language], language=queue.language, more=more)
    say = speaking.NOT_SENT[queue.language] if offer.state == DeflectionState.REFUSED else ""
    return Reply(why=offer.why or offer.state, say=say, language=queue.language, more={"accepted": False})


def _close(offer: Deflection, state: DeflectionState, *, at: datetime, why: str = "") -> None:
    offer.state, offer.answered_at, offer.caller, offer.why = state, at, "", why[:40]
    offer.save()


def _text(queue: PhoneQueue, offer: Deflection, at: datetime) -> None:
    """Record that they asked for it, text them, and give the conversation to the queue's team with its context."""
    by, channel, who = system(queue.workspace_id), queue.channel, phone.identify(offer.caller)
    identity, _ = contacts.find_or_create(identity=who, by=by, at=at)
    _agree(queue, offer, identity, by=by, at=at)
    body = speaking.text_of(queue.text, business=_business(channel), language=queue.language)
    queued = outbound.queue_first_text(
        by=by,
        channel=channel,
        identity=who,
        body=body,
        at=at,
        purpose=Purpose.PHONE_OFFER.value,
        idempotency_key=f"deflection:{offer.pk}",
        is_confirmed=True,
    )
    thread = Conversation.objects.get(id=queued.message.conversation_id)
    offer.identity, offer.contact_id, offer.conversation = identity, thread.contact_id, thread
    _close(offer, DeflectionState.ACCEPTED, at=at)
    _hand_over(queue, offer, thread, by=by, at=at)


def _agree(queue: PhoneQueue, offer: Deflection, identity: Identity, *, by: Actor, at: datetime) -> None:
    """Their consent: they asked for a text on the phone, and it carries the exchange that begins with it."""
    grant(
        identity=identity,
        purpose="service",
        level="express",
        method="voice",
        channel=queue.channel,
        at=at,
        by=by,
        expires_at=at + CONSENT_LASTS,
        proof={
            "asked": "on the phone, by a key",
            "queue": queue.name,
            "said": queue.say or speaking.SAY[queue.language],
        },
    )


def _business(channel: Channel) -> str:
    return channel.name or channel.workspace.name


def _hand_over(queue: PhoneQueue, offer: Deflection, thread: Conversation, *, by: Actor, at: datetime) -> None:
    """The line in the thread, a tag of the queue's name for rules of routing, and its team."""
    event = PhoneDeflected(
        **ids(thread, by),
        deflection_id=offer.pk,
        queue=queue.name,
        waited_seconds=offer.waited,
        waiting=offer.waiting,
        words=offer.reason,
    )
    publish(event, at=at)
    try:
        with transaction.atomic():
            conversations.tag(conversation=thread, name=queue.name[: conversations.LONGEST_TAG].strip(), by=by, at=at)
    except Refused as refused:
        log.info("deflection_not_tagged", why=refused.code, queue_id=queue.pk)
    if queue.team_id is not None and thread.team_id is None and thread.assignee_id is None:
        conversations.assign(conversation=thread, team_id=queue.team_id, by=by, at=at)
    tell(thread)


def forget(*, at: datetime) -> int:
    """Let go of numbers of offers nobody answered, and of who called when; how many rows."""
    late = Deflection.objects.filter(offered_at__lt=at - rules.ASKED_FOR).exclude(caller="")
    done = late.update(caller="", state=DeflectionState.DECLINED)
    old = at - CALLS_KEPT
    Deflection.objects.filter(offered_at__lt=old).exclude(caller_hash="").update(caller_hash="", call="")
    return done + QueueCall.objects.filter(at__lt=old).delete()[0]


def forget_person(*, contact: Contact, identities: Sequence[Identity]) -> None:
    """Let go of what is kept of one person: their number, its hashes, and why they called."""
    hashes = [hash_of(contact.workspace_id, kind=one.kind, value=one.value) for one in identities]
    values = [one.value for one in identities]
    own = Deflection.objects.filter(workspace_id=contact.workspace_id)
    of_them = Q(contact=contact) | Q(caller_hash__in=hashes) | Q(caller__in=values)
    own.filter(of_them).update(caller="", caller_hash="", call="", reason="")
    QueueCall.objects.filter(workspace_id=contact.workspace_id, caller_hash__in=hashes).delete()
