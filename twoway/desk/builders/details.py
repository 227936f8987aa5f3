"""What is known about one text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from twoway.contacts.queries import shown_address
from twoway.conversations.queries import Conversation
from twoway.desk.words import clock_words, date_words
from twoway.lib.words import t
from twoway.messaging.cost.queries import message_price
from twoway.messaging.cost.rules import words as price_words
from twoway.messaging.queries import Message, StatusEvent
from twoway.sms import phone
from twoway.teams.actor import Actor


@dataclass(frozen=True, kw_only=True, slots=True)
class Details:
    """Facts with their names, and what the carrier said, each with its time."""

    conversation_id: int
    message_id: int
    facts: tuple[tuple[str, str], ...]
    said: tuple[tuple[str, str], ...]


def details_of(
    message: Message, events: Sequence[StatusEvent], *, conversation: Conversation, to: Actor, region: str
) -> Details:
    """The facts of one text; the customer's address as this member may see it. WhatsApp's ids carry it: left out."""
    is_out = message.direction == "out"
    theirs = shown_address(conversation.contact, message.recipient if is_out else message.sender, to=to, region=region)
    ours = phone.pretty(message.sender if is_out else message.recipient, region=region)
    price = message_price(message)
    facts = [
        (t("From"), ours if is_out else theirs),
        (t("To"), theirs if is_out else ours),
        (t("Sent") if is_out else t("Received"), _when(message.sent_at or message.created_at)),
        (t("Delivered"), _when(message.delivered_at) if message.delivered_at else ""),
        (t("Segments"), f"{message.segments} ({message.encoding})" if message.encoding else str(message.segments)),
        (t("Price"), price_words(price) if price else ""),
        (t("Carrier’s code"), message.error_code),
        (t("Provider’s id"), "" if message.provider_id.startswith("wamid.") else message.provider_id),
        (t("Our id"), str(message.pk)),
    ]
    said = tuple((_when(event.received_at), event.raw_status or event.status) for event in events)
    return Details(
        conversation_id=conversation.pk,
        message_id=message.pk,
        facts=tuple((label, value) for label, value in facts if value),
        said=said,
    )


def _when(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{date_words(local, this_year=0)}, {clock_words(local)}"
