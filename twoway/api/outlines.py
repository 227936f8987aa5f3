"""Rows as the API's documents. One function a document, so that what leaves is listed here and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from twoway.channels.health import queries as health
from twoway.channels.health.queries import Counts
from twoway.channels.queries import Channel
from twoway.channels.templates.queries import Template
from twoway.channels.templates.rules import can_be_sent, why_not_sent
from twoway.compliance.deciding.queries import Decision
from twoway.compliance.queries import OptOut
from twoway.compliance.rules import ConsentState
from twoway.contacts import queries as contacts
from twoway.contacts import rules
from twoway.contacts.queries import Contact, Identity, shown_address, shown_name
from twoway.conversations.queries import Conversation, Note
from twoway.messaging.media import queries as files
from twoway.messaging.media.queries import MediaFile
from twoway.messaging.outbound import Queued
from twoway.messaging.queries import Message, StatusEvent
from twoway.messaging.queues import Waiting, waiting
from twoway.teams.actor import Actor
from twoway.teams.queries import Member, Team


def message_documents(messages: Sequence[Message], *, to: Actor, at: datetime) -> list[dict[str, Any]]:
    """Texts with their files and people, which are read at once for all of them."""
    found, people = files.of_messages(messages), contacts.people([message.identity_id for message in messages])
    return [
        _message_document(message, people.get(message.identity_id), found.get(message.pk, ()), to, at)
        for message in messages
    ]


def message_document(message: Message, *, to: Actor, at: datetime) -> dict[str, Any]:
    return message_documents([message], to=to, at=at)[0]


def media_document(row: MediaFile, *, at: datetime) -> dict[str, Any]:
    place = files.location(row)
    return {
        "id": row.id,
        "url": files.api_url(row, at=at),
        "type": row.kind,
        "content_type": row.content_type,
        "name": row.name,
        "size": row.size,
        "state": row.state,
        "error": row.error or None,
        "latitude": place[0] if place else None,
        "longitude": place[1] if place else None,
    }


def _message_document(
    message: Message, person: Contact | None, media: Sequence[MediaFile], to: Actor, at: datetime
) -> dict[str, Any]:
    """Who sees only a part of a number does not see it in the provider's id either: WhatsApp's carry it."""
    theirs = message.sender if message.direction == "in" else message.recipient
    shown = _address(person, theirs, to)
    hides_id = shown != theirs and message.provider_id.startswith("wamid.")
    return {
        "id": message.id,
        "conversation_id": message.conversation_id,
        "channel_id": message.channel_id,
        "direction": message.direction,
        "status": message.status,
        "from": shown if message.direction == "in" else message.sender,
        "to": shown if message.direction == "out" else message.recipient,
        "body": message.body,
        "provider_id": None if hides_id else message.provider_id or None,
        "encoding": message.encoding,
        "segments": message.segments,
        "media": [media_document(row, at=at) for row in media],
        "error": message.error or None,
        "error_code": message.error_code or None,
        "is_uncertain": message.is_uncertain,
        "price": None if message.price is None else f"{message.price:f}",
        "currency": message.price_currency or None,
        "price_is_reported": message.price_is_reported,
        "purpose": message.purpose,
        "redacted": message.shielded.split(),
        "by": message.by_name or None,
        "send_at": message.send_after if message.status == "scheduled" else None,
        "held_reason": message.held_reason or None if message.status == "scheduled" else None,
        "created_at": message.created_at,
        "sent_at": message.sent_at,
        "delivered_at": message.delivered_at,
    }


def _address(person: Contact | None, value: str, to: Actor) -> str:
    """An address of somebody; one whose person is gone is shown to nobody in full."""
    return rules.masked(value) if person is None else shown_address(person, value, to=to)


def sent_document(queued: Queued, *, to: Actor, at: datetime) -> dict[str, Any]:
    """A text that was accepted, with what the content checks say about it."""
    warnings = [warning.as_json() for warning in queued.warnings]
    return message_document(queued.message, to=to, at=at) | {"warnings": warnings}


def status_event_document(event: StatusEvent) -> dict[str, Any]:
    return {
        "status": event.status,
        "raw_status": event.raw_status,
        "error_code": event.error_code or None,
        "provider_at": event.provider_at,
        "received_at": event.received_at,
    }


def decision_document(decision: Decision) -> dict[str, Any]:
    return {
        "stage": decision.stage,
        "verdict": decision.verdict,
        "reason": decision.reason or None,
        "purpose": decision.purpose,
        "detail": decision.for_agent or None,
        "until": decision.until,
        "facts": decision.facts,
        "at": decision.at,
    }


def conversation_document(conversation: Conversation, *, to: Actor) -> dict[str, Any]:
    return {
        "id": conversation.id,
        "contact_id": conversation.contact_id,
        "contact_name": shown_name(conversation.contact),
        "channel_id": conversation.channel_id,
        "address": shown_address(conversation.contact, conversation.identity.value, to=to),
        "state": conversation.state,
        "snoozed_until": conversation.snoozed_until,
        "assignee_id": conversation.assignee_id,
        "team_id": conversation.team_id,
        "tags": sorted(tag.name for tag in conversation.tags.all()),
        "needs_reply": conversation.needs_reply,
        "unanswered": conversation.unanswered,
        "preview": conversation.preview,
        "last_message_at": conversation.last_message_at,
        "created_at": conversation.created_at,
    }


def note_document(note: Note) -> dict[str, Any]:
    return {
        "id": note.id,
        "conversation_id": note.conversation_id,
        "body": note.body,
        "by": note.by_name,
        "created_at": note.created_at,
    }


def contact_document(contact: Contact, *, to: Actor, at: datetime) -> dict[str, Any]:
    is_blocked = rules.is_blocked(contact.blocked_at, contact.blocked_until, at=at)
    return {
        "id": contact.id,
        "name": shown_name(contact),
        "is_anonymous": contact.is_anonymous,
        "identities": [
            {
                "id": identity.id,
                "kind": identity.kind,
                "value": shown_address(contact, identity.value, to=to),
                "reach": identity.reach,
            }
            for identity in sorted(contact.identities.all(), key=lambda identity: identity.id)
        ],
        "properties": {
            key: contacts.shown_property(contact, value, to=to)
            for key, value in contact.properties.items()
            if not contact.is_anonymous
        },
        "time_zone": contact.time_zone,
        "language": contact.language,
        "is_blocked": is_blocked,
        "blocked_until": contact.blocked_until if is_blocked else None,
        "block_reason": contact.block_reason or None if is_blocked else None,
        "created_at": contact.created_at,
    }


def channel_documents(channels: Sequence[Channel], *, at: datetime) -> list[dict[str, Any]]:
    """Our numbers with how each stands; a few statements for all of them."""
    ids = [channel.pk for channel in channels]
    states, queues = health.states(channels), waiting(ids)
    counts = health.counts(ids, since=at - timedelta(hours=24))
    return [
        {
            **_channel_document(channel),
            "state": health.stand_of(channel, states[channel.pk], at=at),
            "reason": states[channel.pk].pause_words,
            "paused_until": states[channel.pk].paused_until,
            "retires_at": states[channel.pk].retires_at,
            "successor_id": states[channel.pk].successor_id,
            "waiting": queues.get(channel.pk, Waiting()).count,
            "oldest_waiting_seconds": queues.get(channel.pk, Waiting()).age(at),
            "last_24_hours": _counts_document(counts.get(channel.pk, Counts())),
        }
        for channel in channels
    ]


def _counts_document(counts: Counts) -> dict[str, int]:
    names = ("sent", "delivered", "failed", "filtered", "opted_out")
    return {name: max(getattr(counts, name), 0) for name in names}


def _channel_document(channel: Channel) -> dict[str, Any]:
    return {
        "id": channel.pk,
        "kind": channel.kind,
        "provider": channel.provider,
        "address": channel.address,
        "name": channel.name,
        "team_id": channel.team_id,
        "is_active": channel.is_active,
        "pool_id": channel.pool_id,
    }


def template_document(template: Template) -> dict[str, Any]:
    return {
        "name": template.name,
        "language": template.language,
        "category": template.category,
        "status": template.status,
        "header": template.header,
        "body": template.body,
        "footer": template.footer,
        "buttons": template.buttons,
        "places": template.places,
        "can_be_sent": can_be_sent(status=template.status, why_not=template.why_not),
        "why_not": why_not_sent(status=template.status, why_not=template.why_not) or None,
    }


def member_document(member: Member) -> dict[str, Any]:
    return {
        "id": member.pk,
        "name": member.user.name,
        "email": member.user.email,
        "role": member.role,
        "team_ids": sorted(team.pk for team in member.teams.all()),
    }


def team_document(team: Team) -> dict[str, Any]:
    return {"id": team.pk, "name": team.name}


def consent_document(
    identity: Identity, channel: Channel, state: ConsentState, open_opt_outs: Sequence[OptOut], *, to: Actor
) -> dict[str, Any]:
    """How it stands, with the opt-out that holds: of this channel, or of another one of its service."""
    mine = [entry for entry in open_opt_outs if entry.identity_id == identity.id] if state == "out" else []
    entry = next((each for each in mine if each.channel_id == channel.pk), mine[0] if mine else None)
    return {
        "identity_id": identity.id,
        "address": shown_address(identity.contact, identity.value, to=to),
        "channel_id": channel.pk,
        "state": state,
        "can_text": state != "out",
        "opted_out_at": entry.opted_out_at if entry else None,
        "source": entry.source if entry else None,
        "keyword": (entry.keyword or None) if entry else None,
    }
