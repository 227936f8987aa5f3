"""Reading the modes of numbers, and what a decision about a text from one needs to know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from twoway.channels.models import Channel
from twoway.compliance.asked import Part, statement
from twoway.compliance.modes.models import ChannelMode
from twoway.compliance.modes.rules import ModeFacts
from twoway.contacts.models import Contact
from twoway.contacts.rules import SHOWN_DIGITS, without_numbers
from twoway.lib.refusal import NotAllowed
from twoway.lib.words import t
from twoway.teams.actor import Actor

__all__ = [
    "FACTS",
    "PART",
    "ChannelMode",
    "facts_of",
    "is_anonymous",
    "mode_facts",
    "mode_of",
    "modes_of",
    "raw_sight",
    "require_shown",
]

_JOINS = """
LEFT JOIN channel_mode mode ON mode.channel_id = q.channel_id
LEFT JOIN LATERAL (
    SELECT least(v.last_inbound_at, asked.at) AS last_inbound_at,
           CASE WHEN v.state = 'done' THEN e.closed_at END AS done_at
    FROM conversation v LEFT JOIN episode e ON e.conversation_id = v.id AND e.number = v.episode
    WHERE v.contact_id = i.contact_id AND (v.channel_id = c.id OR v.pool_id = c.pool_id)
      AND v.last_inbound_at IS NOT NULL
    ORDER BY v.last_inbound_at DESC LIMIT 1) AS request ON mode.is_reply_only
LEFT JOIN LATERAL (
    SELECT max(o.opted_out_at) AS at
    FROM opt_out o WHERE o.identity_id = q.identity_id AND o.channel_id = q.channel_id) AS stopped ON true
"""
PART = Part(
    columns=(
        "coalesce(mode.is_reply_only, false)",
        "coalesce(mode.request_hours, 72)",
        "coalesce(mode.ends_when_done, true)",
        "request.last_inbound_at",
        "request.done_at",
        "stopped.at",
    ),
    joins=_JOINS,
)
"""One row a question, also for an identity that does not exist yet (0): there is no request then."""
FACTS = statement(PART)


def facts_of(row: tuple[Any, ...]) -> ModeFacts:
    """One row of `FACTS` as what the rules are asked with."""
    is_reply_only, hours, ends_when_done, asked_at, done_at, stopped_at = row
    return ModeFacts(
        is_reply_only=is_reply_only,
        request_hours=hours,
        ends_when_done=ends_when_done,
        asked_at=asked_at.isoformat() if asked_at else "",
        done_at=done_at.isoformat() if done_at else "",
        stopped_at=stopped_at.isoformat() if stopped_at else "",
    )


def mode_facts(*, identity_id: int, channel_id: int, purpose: str, at: datetime) -> ModeFacts:
    """The facts of one text."""
    with connection.cursor() as cursor:
        cursor.execute(FACTS, [[identity_id], [channel_id], [purpose], at])
        return facts_of(cursor.fetchone())


def mode_of(channel: Channel) -> ChannelMode:
    """The modes of a number; one that has none is answered as such, and not stored."""
    found = ChannelMode.objects.filter(channel_id=channel.pk).first()
    return found or ChannelMode(channel=channel, changed_at=channel.created_at)


def modes_of(channel_ids: Iterable[int]) -> dict[int, ChannelMode]:
    """The modes of several numbers by channel; those without one are not in it."""
    return {mode.channel_id: mode for mode in ChannelMode.objects.filter(channel_id__in=list(channel_ids))}


def require_shown(*, by: Actor, channel: Channel, contact: Contact | None) -> None:
    """Raises `NotAllowed` when a member begins with a number in hand what would show whose alias is whose.

    A program may: it knows its people's numbers by itself, and no member sees them through it.
    """
    if by.kind == "member" and (is_anonymous(channel) or (contact is not None and contact.is_anonymous)):
        raise NotAllowed(
            t("People stay anonymous here, so nobody can be texted by number. Answer in their conversation."),
            code="anonymous",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class RawSight:
    """How much of the numbers in a raw request somebody sees: all, the last `shown` digits, or none of them."""

    is_whole: bool
    shown: int = 0
    ours: frozenset[str] = frozenset()

    def of(self, text: str) -> str:
        """The text as they see it."""
        return text if self.is_whole else without_numbers(text, shown=self.shown, ours=self.ours)


def raw_sight(actor: Actor) -> RawSight:
    """What this actor sees of requests as they came: where a number is or was anonymous, nobody sees theirs."""
    modes = ChannelMode.objects.filter(channel__workspace_id=actor.workspace_id).exclude(anonymous_at=None)
    has_anonymous = modes.exists()
    if actor.sees_numbers and not has_anonymous:
        return RawSight(is_whole=True)
    ours = Channel.objects.filter(workspace_id=actor.workspace_id).values_list("address", flat=True)
    return RawSight(is_whole=False, shown=0 if has_anonymous else SHOWN_DIGITS, ours=frozenset(ours))


def is_anonymous(channel: Channel) -> bool:
    """Whether people whose conversations begin on this number now stay anonymous."""
    return ChannelMode.objects.filter(channel_id=channel.pk, is_anonymous=True).exists()
