"""Templates and WhatsApp's window on the way out: what the door and the claim need to know of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from psycopg import AsyncConnection

from twoway.channels.models import Channel
from twoway.channels.templates import queries, rules
from twoway.compliance.rules import SendFacts, needs_template
from twoway.contacts import actions as contacts
from twoway.contacts.queries import find_identity
from twoway.conversations import actions as conversations
from twoway.conversations.actions.opening import conversation_with
from twoway.conversations.models import Conversation
from twoway.lib.refusal import Invalid, NotFound, Refused
from twoway.lib.words import t
from twoway.providers.templates import Template
from twoway.sms import phone, segments
from twoway.teams.actor import Actor

WHATSAPP = "whatsapp"
MOST_VALUES = 50

LAST_INBOUND = "SELECT id, last_inbound_at FROM conversation WHERE id = ANY(%s)"


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplateWish:
    """Which template somebody wants sent, and the values of its places in order."""

    name: str
    language: str
    values: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Filled:
    """A template with its values: the words the person reads, and what the message keeps for the provider."""

    body: str
    kept: dict[str, Any]


def fill(channel: Channel, wish: TemplateWish) -> Filled:
    """The template of this number with these values.

    Raises `Refused` with the code `template_unknown`, `template_not_approved` or `template_values`.
    """
    if channel.kind != WHATSAPP:
        raise Refused(t("Templates are for WhatsApp numbers."), code="template_unknown")
    try:
        found = queries.access_template(channel, name=wish.name, language=wish.language)
    except NotFound:
        sentence = t(
            "This number has no template {name} in {language}. Fetch its templates again.",
            name=wish.name[:80],
            language=wish.language[:20],
        )
        raise Refused(sentence, code="template_unknown") from None
    why_not = rules.why_not_sent(status=found.status, why_not=found.why_not)
    if why_not:
        raise Refused(t("This template can't be sent. {why}", why=why_not), code="template_not_approved")
    values = [segments.prepare(value).strip() for value in wish.values[:MOST_VALUES]]
    wrong = rules.wrong(found.places, values)
    if wrong is not None:
        field = "values" if wrong.place is None else f"values.{wrong.place}"
        raise Invalid(wrong.sentence, field=field, code="template_values")
    kept = {
        "id": found.provider_id,
        "name": found.name,
        "language": found.language,
        "values": values,
        "places": list(found.places),
    }
    return Filled(body=rules.filled(queries.words_of(found), values), kept=kept)


def is_same(kept: Mapping[str, Any] | None, wish: TemplateWish | None) -> bool:
    """Whether a message was made from this wish, for a key that is used again."""
    if kept is None or wish is None:
        return kept is None and wish is None
    values = [segments.prepare(value).strip() for value in wish.values]
    return (kept["name"], kept["language"], kept["values"]) == (wish.name, wish.language, values)


def addressed(channel: Channel, identity: phone.Identity) -> phone.Identity:
    """Whom a typed number names on this channel: on WhatsApp, the person who has that number there."""
    if channel.kind == WHATSAPP and identity.kind == "phone":
        return phone.Identity("whatsapp", identity.value)
    return identity


def thread_with(channel: Channel, identity: phone.Identity) -> Conversation | None:
    """The conversation of whoever has this address with this number of ours or its pool, None when there is none.

    Nothing is authorised: the caller asks whether the member may see it.
    """
    known = find_identity(channel.workspace_id, addressed(channel, identity))
    return conversation_with(channel=channel, contact_id=known.contact_id) if known is not None else None


@transaction.atomic
def open_thread(*, by: Actor, channel: Channel, identity: phone.Identity, body: str, at: datetime) -> Conversation:
    """Where a template can be chosen for somebody who hasn't written to us; what was typed is the member's draft.

    Raises `Refused`.
    """
    known, _ = contacts.find_or_create(identity=addressed(channel, identity), by=by, at=at)
    talk, _ = conversations.open_conversation(by=by, channel=channel, identity=known, at=at)
    if body.strip() and len(body) <= conversations.LONGEST_DRAFT:
        conversations.save_draft(conversation=talk, body=body, is_note=False, by=by, at=at)
    return talk


def at_the_door(
    facts: SendFacts, *, channel: Channel, conversation: Conversation | None, leaves_at: datetime, is_template: bool
) -> SendFacts:
    """The facts with what WhatsApp's window says about the moment the text leaves."""
    closed = needs_template(
        channel.kind,
        last_inbound_at=conversation.last_inbound_at if conversation else None,
        at=leaves_at,
        is_template=is_template,
    )
    return replace(facts, needs_template=True) if closed else facts


async def closed_windows(
    connection: AsyncConnection[Any], *, kind: str, rows: Sequence[Mapping[str, Any]], at: datetime
) -> frozenset[int]:
    """The claimed messages whose window has closed since they were queued; asks only for WhatsApp."""
    asked = [row for row in rows if row["template"] is None] if kind == WHATSAPP else []
    if not asked:
        return frozenset()
    cursor = await connection.execute(LAST_INBOUND, (list({row["conversation_id"] for row in asked}),))
    last = dict(await cursor.fetchall())
    return frozenset(
        row["id"] for row in asked if needs_template(kind, last_inbound_at=last.get(row["conversation_id"]), at=at)
    )


def as_sent(kept: Mapping[str, Any] | None) -> Template | None:
    """What the provider's adapter is given of a message's template."""
    if kept is None:
        return None
    return Template(
        name=kept["name"],
        language=kept["language"],
        values=tuple(kept["values"]),
        id=kept["id"],
        places=tuple(kept["places"]),
    )
