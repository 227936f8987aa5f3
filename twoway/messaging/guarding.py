"""People who never answer: the one question in place of a text the guard stopped, and what stopping saved.

The guard itself is `compliance.pacing.rules`. What it denied is found in the kept decisions, whoever asked for the text
and whether it was stopped at the door or at the claim, so nobody has to remember to ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import structlog
from django.db import connection

from twoway.compliance.pacing import queries as pacing
from twoway.compliance.pacing.rules import STILL_WANTED, is_guarded
from twoway.contacts.models import Identity
from twoway.conversations.models import Conversation
from twoway.lib.refusal import Refused
from twoway.messaging.models import Message
from twoway.messaging.outbound import queue_text
from twoway.providers.base import Price
from twoway.teams.actor import Actor, system
from twoway.teams.rules import Right, require

log = structlog.get_logger(__name__)

LOOK_BACK = timedelta(days=2)
MOST_AT_ONCE = 500
MOST_TRIES = 3
"""How often the question is queued in one silence when it fails or grows too old before it leaves."""
UNDER_WAY = frozenset({"queued", "scheduled", "sending", "sent", "delivered", "read"})
USUAL_PRICE = timedelta(days=90)

STOPPED = """
    SELECT DISTINCT (d.facts -> 'pacing' ->> 'identity_id')::bigint, (d.facts -> 'pacing' ->> 'channel_id')::bigint
    FROM send_decision d
    WHERE d.reason = 'never_responds' AND d.at > %s AND d.facts -> 'pacing' ->> 'was_asked' = 'false'
      AND d.purpose <> %s AND EXISTS (
        SELECT 1 FROM identity i WHERE i.id = (d.facts -> 'pacing' ->> 'identity_id')::bigint)
    LIMIT %s
"""
SAVED = """
    WITH stopped AS (
        SELECT d.message_id FROM send_decision d
        WHERE d.reason = 'never_responds' AND d.verdict = 'deny' AND d.workspace_id = %(workspace)s
          AND d.at >= %(since)s AND d.at < %(until)s),
    usual AS (
        SELECT s.currency, sum(s.amount) / nullif(sum(s.texts), 0) AS each FROM spend s
        WHERE s.workspace_id = %(workspace)s AND s.direction = 'out' AND s.currency <> '' AND s.day >= %(usual)s
        GROUP BY s.currency ORDER BY sum(s.texts) DESC LIMIT 1)
    SELECT coalesce(nullif(m.price_currency, ''), u.currency, '') AS currency, count(*),
           sum(coalesce(m.price, u.each, 0))
    FROM stopped LEFT JOIN message m ON m.id = stopped.message_id LEFT JOIN usual u ON true
    GROUP BY 1 ORDER BY 2 DESC
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Saved:
    """How many texts the guard stopped, and about what they would have cost in each currency.

    A text stopped at the claim has its own estimate; one stopped at the door counts as the usual text of 90 days.
    """

    texts: int
    prices: tuple[Price, ...]


def saved(actor: Actor, *, since: datetime, until: datetime) -> Saved:
    """What the guard saved the workspace in a span of time. Raises `NotAllowed`."""
    require(actor, Right.SEE_COMPLIANCE)
    names: dict[str, Any] = {
        "workspace": actor.workspace_id,
        "since": since,
        "until": until,
        "usual": (until - USUAL_PRICE).date(),
    }
    with connection.cursor() as cursor:
        cursor.execute(SAVED, names)
        rows = cursor.fetchall()
    prices = (Price(amount=Decimal(amount), currency=currency) for currency, _, amount in rows if currency)
    return Saved(texts=sum(row[1] for row in rows), prices=tuple(prices))


def ask_silent(*, at: datetime) -> int:
    """Ask everybody whom the guard stopped lately and who was not asked yet; how many questions were queued."""
    with connection.cursor() as cursor:
        cursor.execute(STOPPED, [at - LOOK_BACK, STILL_WANTED, MOST_AT_ONCE])
        rows = cursor.fetchall()
    return sum(ask(identity_id=identity_id, channel_id=channel_id, at=at) for identity_id, channel_id in rows)


def ask(*, identity_id: int, channel_id: int, at: datetime) -> bool:
    """Queue the question for one person, when they are still silent and it is not under way; whether it was queued.

    It passes the door like any text: somebody who opted out is not asked, and it keeps their quiet hours.
    """
    facts = pacing.facts(identity_id=identity_id, channel_id=channel_id, purpose=STILL_WANTED, at=at)
    conversation = _conversation(identity_id, channel_id)
    if facts is None or conversation is None or facts.was_asked or not is_guarded(facts):
        return False
    heard = _heard(conversation.contact_id)
    earlier = _earlier(conversation.contact_id, heard)
    if len(earlier) >= MOST_TRIES or UNDER_WAY.intersection(earlier):
        return False
    words = f"{conversation.workspace.name}: {pacing.question_of(conversation.workspace_id)}"
    silence = int(heard.timestamp()) if heard else 0
    try:
        queued = queue_text(
            by=system(conversation.workspace_id),
            conversation=conversation,
            body=words,
            at=at,
            purpose=STILL_WANTED,
            idempotency_key=f"{STILL_WANTED}:{conversation.contact_id}:{silence}:{len(earlier)}",
        )
    except Refused as refused:
        log.info("question_refused", identity_id=identity_id, code=refused.code)
        return False
    return queued.is_new


def _conversation(identity_id: int, channel_id: int) -> Conversation | None:
    """Where to ask: the thread of the number whose text was stopped, else their newest."""
    identity = Identity.objects.filter(id=identity_id).values_list("contact_id", flat=True).first()
    if identity is None:
        return None
    rows = Conversation.objects.filter(contact_id=identity).select_related("workspace", "channel", "identity")
    return rows.filter(channel_id=channel_id).first() or rows.order_by("-last_message_at").first()


def _heard(contact_id: int) -> datetime | None:
    """When they last wrote, on any number of ours."""
    times = Conversation.objects.filter(contact_id=contact_id).values_list("last_inbound_at", flat=True)
    return max((time for time in times if time is not None), default=None)


def _earlier(contact_id: int, heard: datetime | None) -> list[str]:
    """The states of the questions made since then."""
    rows = Message.objects.filter(identity__contact_id=contact_id, direction="out", purpose=STILL_WANTED)
    rows = rows.filter(created_at__gt=heard) if heard else rows
    return list(rows.values_list("status", flat=True))
