"""Recording opt-outs, their end, and every decision about a send."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from twoway.channels.models import Channel
from twoway.compliance.models import Decision, OptOut, Source
from twoway.compliance.queries import sharing_channels
from twoway.compliance.rules import Refusal, SendFacts
from twoway.contacts.models import Identity
from twoway.events.actions import audit, publish
from twoway.events.types import ContactOptedIn, ContactOptedOut
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require


@transaction.atomic
def opt_out(
    *,
    identity: Identity,
    channel: Channel,
    source: str,
    at: datetime,
    by: Actor,
    keyword: str = "",
    message_id: int | None = None,
    conversation_id: int | None = None,
) -> list[OptOut]:
    """Record that this person must not be texted from this channel and the others of its service.

    The identity is locked first, so that no text can be claimed meanwhile. Where an opt-out holds already nothing
    changes; the answer is what was added. Raises `NotAllowed`, `Invalid`.
    """
    channels = _open(identity, channel, source, by)
    row = OptOut(
        workspace_id=identity.workspace_id,
        source=source,
        keyword=keyword[:40],
        message_id=message_id,
        opted_out_at=at,
    )
    added = _add(row, identity, channels)
    if added:
        publish(
            ContactOptedOut(
                workspace_id=identity.workspace_id,
                conversation_id=conversation_id,
                contact_id=identity.contact_id,
                message_id=message_id,
                member_id=by.member_id,
                identity_id=identity.id,
                channel_id=channel.pk,
                channel_ids=tuple(sorted({row.channel_id for row in added})),
                source=source,
                keyword=keyword,
                by_name=_name(by),
            ),
            at=at,
        )
        _audit_by_hand(by, "consent.withdrawn", identity, channel, at)
    return added


def _add(like: OptOut, identity: Identity, channels: Sequence[Channel]) -> list[OptOut]:
    """Such an opt-out for each address of the person and each channel where none holds."""
    people = same_person(identity)
    held = set(OptOut.objects.filter(identity__in=people, lifted_at=None).values_list("identity_id", "channel_id"))
    return OptOut.objects.bulk_create(
        OptOut(
            workspace_id=like.workspace_id,
            identity=one,
            channel=each,
            source=like.source,
            keyword=like.keyword,
            message_id=like.message_id,
            opted_out_at=like.opted_out_at,
        )
        for each in channels
        for one in people
        if (one.pk, each.pk) not in held
    )


@transaction.atomic
def lift(
    *,
    identity: Identity,
    channel: Channel,
    source: str,
    at: datetime,
    by: Actor,
    keyword: str = "",
    message_id: int | None = None,
    conversation_id: int | None = None,
) -> int:
    """Record that this person may be texted again (START); the opt-out stays on record as lifted.

    Covers the channels of the same service. The answer is how many were lifted. Raises `NotAllowed`, `Invalid`.
    """
    channels = _open(identity, channel, source, by)
    rows = OptOut.objects.filter(identity__in=same_person(identity), channel__in=channels, lifted_at=None)
    lifted = sorted(set(rows.values_list("channel_id", flat=True)))
    rows.update(lifted_at=at, lifted_by=(keyword or by.name)[:120])
    if lifted:
        publish(
            ContactOptedIn(
                workspace_id=identity.workspace_id,
                conversation_id=conversation_id,
                contact_id=identity.contact_id,
                message_id=message_id,
                member_id=by.member_id,
                identity_id=identity.id,
                channel_id=channel.pk,
                channel_ids=tuple(lifted),
                source=source,
                keyword=keyword,
                by_name=_name(by),
            ),
            at=at,
        )
        _audit_by_hand(by, "consent.given_again", identity, channel, at)
    return len(lifted)


def _open(identity: Identity, channel: Channel, source: str, by: Actor) -> list[Channel]:
    """Check who and what, lock the identity, and give the channels that are meant."""
    require(by, Right.REPLY)
    if source not in Source.values:
        raise Invalid(f"Choose one of: {', '.join(Source.values)}.", field="source")
    if not identity.workspace_id == channel.workspace_id == by.workspace_id:
        raise NotAllowed("This person and this number are not in this workspace.")
    ids = [one.pk for one in same_person(identity)]
    list(Identity.objects.select_for_update(no_key=True).filter(id__in=ids).order_by("id"))
    return list(sharing_channels(channel).order_by("id"))


def same_person(identity: Identity) -> list[Identity]:
    """The addresses an opt-out of this one covers: on WhatsApp, the person's number and their id."""
    if identity.kind != "whatsapp":
        return [identity]
    return list(Identity.objects.filter(contact_id=identity.contact_id, kind="whatsapp").order_by("id"))


def _name(by: Actor) -> str:
    return "" if by.kind == "system" else by.name


def _audit_by_hand(by: Actor, action: str, identity: Identity, channel: Channel, at: datetime) -> None:
    """What a customer or a provider did is in the ledger; what a member or a program did is also in the audit trail."""
    if by.kind != "system":
        audit(
            workspace_id=by.workspace_id,
            actor=by.audit_name,
            action=action,
            subject=f"contact {identity.contact_id}",
            data={"identity": identity.id, "channel": channel.pk},
            at=at,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Decided:
    """One decision to be kept: about which message, at the door or the claim, on what facts, with what result."""

    workspace_id: int
    message_id: int | None
    stage: str
    facts: SendFacts
    refusal: Refusal | None


def record_decision(*, decided: Decided, at: datetime) -> None:
    """Keep one decision."""
    record_decisions(decided=[decided], at=at)


def record_decisions(*, decided: Iterable[Decided], at: datetime) -> None:
    """Keep several decisions in one statement."""
    Decision.objects.bulk_create(
        Decision(
            workspace_id=each.workspace_id,
            message_id=each.message_id,
            stage=each.stage,
            verdict="deny" if each.refusal else "allow",
            reason=each.refusal.code if each.refusal else "",
            purpose=each.facts.purpose,
            facts=each.facts.as_json(),
            at=at,
        )
        for each in decided
    )
