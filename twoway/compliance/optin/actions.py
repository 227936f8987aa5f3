"""Joining, confirming and leaving topics. Each step is written into the consent ledger with its proof.

Nothing here sends a text: the answer says what is to be asked or confirmed, and `messaging.optin` says it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from twoway.channels.models import Channel
from twoway.compliance.consent import actions as consent
from twoway.compliance.optin import rules
from twoway.compliance.optin.models import Membership, State, Topic
from twoway.compliance.optin.queries import open_requests, standing
from twoway.compliance.purposes.queries import rules_for
from twoway.contacts.models import Identity
from twoway.events.actions import publish
from twoway.events.types import TopicJoined, TopicLeft
from twoway.teams.actor import Actor

Proof = Mapping[str, str | int]
"""What is kept as evidence: plain values, such as `message_id`, `form`, `disclosure`, `address`."""
MOST_EXPIRED_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Who asks, on which number of ours, how, and what proves it. `method` is a word of the ledger's methods."""

    identity: Identity
    channel: Channel
    method: str
    proof: Proof
    version_id: int | None = None
    conversation_id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a wish led to: memberships to be asked about by text, and those that began at once."""

    to_ask: tuple[Membership, ...] = ()
    joined: tuple[Membership, ...] = ()


@transaction.atomic
def request(*, topics: Sequence[Topic], source: Source, by: Actor, at: datetime) -> Outcome:
    """Somebody wants to join these topics. Members stay members; who was asked already is asked once more at most."""
    consent.hold(by.workspace_id)
    to_ask, joined = [], []
    for topic in sorted(topics, key=lambda one: one.id):
        membership = _locked(topic, source, at)
        step = rules.next_step(standing(membership), is_double=topic.is_double, at=at)
        if step == "join":
            _requested(membership, source, at)
            joined.append(_join(membership, source=source, change="granted", by=by, at=at))
        elif step == "ask":
            to_ask.append(_ask(membership, source, by, at))
    return Outcome(to_ask=tuple(to_ask), joined=tuple(joined))


def _locked(topic: Topic, source: Source, at: datetime) -> Membership:
    """The membership of this person in this topic, locked; made when there is none, as one that has left."""
    try:
        with transaction.atomic():
            Membership.objects.get_or_create(
                topic=topic,
                identity=source.identity,
                defaults={
                    "channel": source.channel,
                    "state": State.LEFT,
                    "method": source.method,
                    "requested_at": at,
                },
            )
    except IntegrityError:
        pass  # somebody else made it meanwhile
    rows = Membership.objects.select_for_update(no_key=True, of=("self",)).select_related("topic__workspace")
    return rows.get(topic=topic, identity=source.identity)


def _requested(membership: Membership, source: Source, at: datetime) -> None:
    membership.channel = source.channel
    membership.method = source.method
    membership.version_id = source.version_id
    membership.evidence = dict(source.proof)
    membership.requested_at = at
    membership.left_at = None


def _ask(membership: Membership, source: Source, by: Actor, at: datetime) -> Membership:
    """Note that they are asked now. A wish that is still open is asked about again; the ledger has it already."""
    if not rules.is_open(standing(membership), at=at):
        _requested(membership, source, at)
        membership.state, membership.asks, membership.asked_at = State.REQUESTED, 0, None
        membership.expires_at = at + rules.OPEN_FOR
        _record(membership, change="requested", source=source, proof=source.proof, by=by, at=at)
    membership.asks += 1
    membership.asked_at = at
    membership.save()
    return membership


def _join(membership: Membership, *, source: Source, change: str, by: Actor, at: datetime) -> Membership:
    membership.state, membership.joined_at = State.JOINED, at
    membership.expires_at = None
    membership.save()
    _record(membership, change=change, source=source, proof=source.proof, by=by, at=at)
    publish(
        TopicJoined(
            workspace_id=membership.topic.workspace_id,
            conversation_id=source.conversation_id,
            contact_id=source.identity.contact_id,
            topic_id=membership.topic_id,
            label=membership.topic.label,
            method=source.method,
        ),
        at=at,
    )
    return membership


@transaction.atomic
def admit(*, topic: Topic, source: Source, by: Actor, at: datetime) -> bool:
    """Make somebody a member whose consent was proven elsewhere, without asking them; whether they weren't one."""
    consent.hold(by.workspace_id)
    membership = _locked(topic, source, at)
    if membership.state == State.JOINED:
        return False
    _requested(membership, source, at)
    _join(membership, source=source, change="granted", by=by, at=at)
    return True


@transaction.atomic
def confirm(*, source: Source, by: Actor, at: datetime) -> tuple[Membership, ...]:
    """They said yes: what the newest question on this number was about begins. Nothing was asked, nothing happens."""
    consent.hold(by.workspace_id)
    rows = open_requests(identity=source.identity, channel=source.channel, at=at)
    asked = list(rows.select_for_update(no_key=True, of=("self",)).select_related("topic__workspace", "channel"))
    newest = [one for one in asked if one.asked_at == asked[0].asked_at]
    joined = []
    for membership in newest:
        when = {"asked_by": membership.method, "requested_at": membership.requested_at.isoformat()}
        proof = {**membership.evidence, **when, **source.proof}
        began = Source(
            identity=source.identity,
            channel=membership.channel,
            method="reply",
            proof=proof,
            conversation_id=source.conversation_id,
        )
        joined.append(_join(membership, source=began, change="confirmed", by=by, at=at))
    return tuple(joined)


@transaction.atomic
def leave(*, topic: Topic, source: Source, by: Actor, at: datetime) -> Membership | None:
    """End one membership, or a wish that was not confirmed; None when there was neither.

    Consent for the topic's purpose ends with the last topic of that purpose this person was in on this number.
    """
    consent.hold(by.workspace_id)
    rows = Membership.objects.select_for_update(no_key=True, of=("self",)).select_related("topic__workspace")
    membership = rows.filter(topic=topic, identity=source.identity).exclude(state=State.LEFT).first()
    if membership is None:
        return None
    membership.state, membership.left_at = State.LEFT, at
    membership.save()
    if not _others(membership).exists():
        _record(membership, change="withdrawn", source=source, proof=source.proof, by=by, at=at)
    publish(
        TopicLeft(
            workspace_id=topic.workspace_id,
            conversation_id=source.conversation_id,
            contact_id=source.identity.contact_id,
            topic_id=topic.id,
            label=topic.label,
        ),
        at=at,
    )
    return membership


def _others(membership: Membership) -> QuerySet[Membership]:
    """This person's other memberships with the same purpose on the same number."""
    rows = Membership.objects.filter(
        identity_id=membership.identity_id,
        channel_id=membership.channel_id,
        state=State.JOINED,
        topic__purpose=membership.topic.purpose,
    )
    return rows.exclude(id=membership.id)


@transaction.atomic
def end_all(*, identity_id: int, channel_ids: Iterable[int], at: datetime) -> int:
    """A STOP ended every topic of these numbers for this person; how many. The STOP itself is in the ledger."""
    rows = Membership.objects.filter(identity_id=identity_id, channel_id__in=list(channel_ids))
    return rows.filter(state__in=[State.REQUESTED, State.JOINED]).update(state=State.LEFT, left_at=at)


@transaction.atomic
def expire(*, at: datetime) -> int:
    """Close the requests nobody answered in time; how many. The ledger lets its own entries expire."""
    due = Membership.objects.filter(state=State.REQUESTED, expires_at__lte=at).order_by("id")
    ids = list(due.select_for_update(skip_locked=True, no_key=True).values_list("id", flat=True)[:MOST_EXPIRED_AT_ONCE])
    return Membership.objects.filter(id__in=ids).update(state=State.EXPIRED)


def level_of(topic: Topic) -> str:
    """The level of consent that joining a topic gives: what its purpose asks for, express at least."""
    rule = rules_for(topic.workspace_id, topic.purpose)
    return "written" if rule is not None and rule.level == "written" else "express"


def _record(membership: Membership, *, change: str, source: Source, proof: Proof, by: Actor, at: datetime) -> None:
    """Write one step into the ledger."""
    topic = membership.topic
    consent.record(
        change=change,
        identity=source.identity,
        channel=source.channel,
        purpose=topic.purpose,
        level="" if change == "withdrawn" else level_of(topic),
        method=source.method,
        proof={"topic": topic.keyword, "program": topic.label, **proof},
        expires_at=membership.expires_at if change == "requested" else None,
        by=by,
        at=at,
    )
