"""What follows from a failed text or an opt-out; `reactions` calls these."""

from __future__ import annotations

from datetime import datetime, timedelta

from twoway.channels.brands import actions as brands
from twoway.channels.health import actions as health
from twoway.compliance import actions as compliance
from twoway.compliance.models import Source
from twoway.contacts.models import Identity
from twoway.events.types import ContactOptedOut, MessageFailed
from twoway.messaging.models import Message
from twoway.messaging.withdrawing import cancel_queued
from twoway.teams.actor import system

UNTEXTABLE = {"landline": "landline", "invalid_number": "invalid", "deactivated": "unreachable"}
SUSPECTED = "suspected"
FROM_PEOPLE = frozenset({"keyword", "provider", "carrier"})
ON_ANOTHER_DAY = timedelta(hours=20)


def remember_failure(event: MessageFailed, at: datetime) -> None:
    """Keep what a carrier said about the person's number.

    "Opted out" counts as a STOP. "Landline" and its kin stop texts only when heard twice on different days: carriers
    are wrong about one text now and then.
    """
    if event.message_id is None:
        return
    message = Message.objects.select_related("identity", "channel").filter(id=event.message_id).first()
    if message is None:
        return
    if event.reason == "opted_out":
        compliance.opt_out(
            identity=message.identity,
            channel=message.channel,
            source=Source.CARRIER,
            message_id=message.id,
            conversation_id=message.conversation_id,
            by=system(message.workspace_id),
            at=at,
        )
    elif event.reason in UNTEXTABLE:
        _suspect(message.identity, UNTEXTABLE[event.reason], at)


def _suspect(identity: Identity, reach: str, at: datetime) -> None:
    suspicion = f"{SUSPECTED}_{reach}"[:20]
    if identity.reach == suspicion and identity.reach_at is not None and at - identity.reach_at >= ON_ANOTHER_DAY:
        suspicion = reach
    elif identity.reach in {suspicion, reach}:
        return
    Identity.objects.filter(id=identity.id).update(reach=suspicion, reach_at=at)


def hold_brand(event: MessageFailed, at: datetime) -> None:
    """When a carrier says that the day's limit is reached, nothing is sent for that brand until the next day."""
    if event.reason != "daily_cap" or event.message_id is None:
        return
    channel_id = Message.objects.filter(id=event.message_id).values_list("channel_id", flat=True).first()
    if channel_id is not None:
        brands.hold_for(channel_id=channel_id, at=at)


def count_opt_out(event: ContactOptedOut, at: datetime) -> None:
    """Count it for the number they texted; what a member records by hand says nothing about a number's texts."""
    if event.channel_id is not None and event.source in FROM_PEOPLE:
        health.count_opt_out(channel_id=event.channel_id, at=at)


def withdraw_queued(event: ContactOptedOut, at: datetime) -> None:
    """Cancel what still waits to be sent to somebody who opted out."""
    if event.identity_id is not None:
        cancel_queued(identity_id=event.identity_id, channel_ids=list(event.channel_ids), reason="opted_out")
