"""Reading the opt-outs and the facts a decision needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from twoway.channels.models import Channel, NumberRecord
from twoway.compliance.models import OptOut
from twoway.compliance.prepared import fetch
from twoway.compliance.rules import ConsentState, SendFacts, consent_state
from twoway.contacts.models import Identity

__all__ = [
    "OptOut",
    "SendQuestion",
    "consent_state_of",
    "consent_states",
    "facts_of",
    "is_opted_out",
    "ledger",
    "ledger_of_contact",
    "registration_of",
    "send_facts",
    "send_facts_of",
    "sharing_channels",
]

Pair = tuple[int, int]
"""An identity's id and a channel's id."""

# An opt-out holds for its channel, and for every channel of the workspace when it covers all, else for those in the
# same service or pool, also one added later: to the person they are one sender.
_HOLDS = """
    SELECT 1 FROM opt_out o JOIN channel oc ON oc.id = o.channel_id
    WHERE o.identity_id = q.identity_id AND {when}
      AND (o.channel_id = c.id
           OR (o.covers = 'all' AND o.workspace_id = c.workspace_id)
           OR (c.service_id <> '' AND oc.service_id = c.service_id AND oc.workspace_id = c.workspace_id)
           OR (oc.pool_id = c.pool_id AND oc.workspace_id = c.workspace_id))
"""
_OPEN = _HOLDS.format(when="o.lifted_at IS NULL")
_LIFTED = _HOLDS.format(when="o.lifted_at IS NOT NULL")
_ASKED = "FROM unnest(%s::bigint[], %s::bigint[]) WITH ORDINALITY AS q(identity_id, channel_id, n)"

FACTS = f"""
SELECT EXISTS ({_OPEN}), person.blocked_at IS NOT NULL AND coalesce(person.blocked_until > now(), true),
       c.is_active, i.kind, i.reach,
       coalesce(r.registration, 'unknown'), coalesce(r.registration_detail, ''), coalesce(r.is_waived, false),
       left(i.value, 2) = '+1',
       EXISTS (SELECT 1 FROM revocation_doubt d WHERE d.identity_id = q.identity_id AND d.state = 'open'),
       coalesce(mode.is_reply_only, false)
{_ASKED}
JOIN identity i ON i.id = q.identity_id
JOIN contact person ON person.id = i.contact_id
JOIN channel c ON c.id = q.channel_id
LEFT JOIN number_record r ON r.channel_id = c.id
LEFT JOIN channel_mode mode ON mode.channel_id = c.id
ORDER BY q.n
"""  # noqa: S608 - of constants
_STATES = f"""
SELECT q.identity_id, q.channel_id, EXISTS ({_OPEN}), EXISTS ({_LIFTED})
{_ASKED} JOIN channel c ON c.id = q.channel_id
"""
_LOCK = "SELECT id FROM identity WHERE id = ANY(%s) ORDER BY id FOR SHARE"


@dataclass(frozen=True, kw_only=True, slots=True)
class SendQuestion:
    """One text about which compliance is asked."""

    identity_id: int
    channel_id: int
    purpose: str
    author: str


def send_facts_of(questions: Sequence[SendQuestion], *, lock: bool = False) -> list[SendFacts]:
    """The facts of each question, in order; one statement.

    With `lock` the identities are locked first (FOR SHARE, in order of id), so that an opt-out and a claim follow one
    another: whoever commits last has seen the other. Raises `LookupError` when an identity or a channel is gone.
    """
    if not questions:
        return []
    identity_ids = [question.identity_id for question in questions]
    channel_ids = [question.channel_id for question in questions]
    if lock:
        with connection.cursor() as cursor:
            cursor.execute(_LOCK, [identity_ids])
    rows = fetch(FACTS, [identity_ids, channel_ids])
    if len(rows) != len(questions):
        raise LookupError("an identity or a channel of a text does not exist")
    return [facts_of(question, row) for question, row in zip(questions, rows, strict=True)]


def facts_of(question: SendQuestion, row: tuple[Any, ...]) -> SendFacts:
    """One row of `FACTS` as what the rules are asked with."""
    is_opted_out, is_blocked, is_active, kind, reach, registration, detail, is_waived, *flags = row
    is_domestic, is_in_doubt, is_reply_only = flags
    return SendFacts(
        purpose=question.purpose,
        author=question.author,
        kind=kind,
        reach=reach,
        is_opted_out=is_opted_out,
        is_blocked=is_blocked,
        is_channel_active=is_active,
        registration=registration,
        registration_detail=detail,
        is_registration_waived=is_waived,
        is_domestic=is_domestic,
        is_in_doubt=is_in_doubt,
        is_reply_only=is_reply_only,
    )


def send_facts(*, identity_id: int, channel_id: int, purpose: str, author: str, lock: bool = False) -> SendFacts:
    """The facts of one text; see `send_facts_of`."""
    question = SendQuestion(identity_id=identity_id, channel_id=channel_id, purpose=purpose, author=author)
    return send_facts_of([question], lock=lock)[0]


def registration_of(channel_id: int) -> dict[str, Any]:
    """How a number of ours stands with the carriers, as the facts of a text to somebody new name it."""
    names = ("registration", "registration_detail", "is_waived")
    found = NumberRecord.objects.filter(channel_id=channel_id).values_list(*names).first()
    registration, detail, is_waived = found or ("unknown", "", False)
    return {"registration": registration, "registration_detail": detail, "is_registration_waived": is_waived}


def is_opted_out(*, identity: Identity, channel: Channel) -> bool:
    """Whether this person asked not to be texted from this channel or one of its service."""
    return _states([(identity.id, channel.pk)])[identity.id, channel.pk][0]


def consent_state_of(*, identity: Identity, channel: Channel, has_written: bool = False) -> ConsentState:
    """How consent stands between one address and one channel. `has_written`: they have texted this channel."""
    return consent_states([(identity.id, channel.pk, has_written)])[identity.id, channel.pk]


def consent_states(asked: Iterable[tuple[int, int, bool]]) -> dict[Pair, ConsentState]:
    """How consent stands for many (identity id, channel id, has_written); one statement."""
    written = {(identity_id, channel_id): has_written for identity_id, channel_id, has_written in asked}
    return {
        pair: consent_state(is_opted_out=is_out, has_lifted=has_lifted, has_written=written[pair])
        for pair, (is_out, has_lifted) in _states(list(written)).items()
    }


def _states(pairs: Sequence[Pair]) -> dict[Pair, tuple[bool, bool]]:
    """For each pair, whether an opt-out holds, and whether one was lifted."""
    if not pairs:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_STATES, [[pair[0] for pair in pairs], [pair[1] for pair in pairs]])
        return {(row[0], row[1]): (row[2], row[3]) for row in cursor.fetchall()}


def ledger(identity_ids: Iterable[int]) -> list[OptOut]:
    """Every opt-out of these addresses, lifted ones too, newest first, with its channel and identity."""
    rows = OptOut.objects.filter(identity_id__in=list(identity_ids)).select_related("channel", "identity")
    return list(rows.order_by("-opted_out_at", "-id"))


def ledger_of_contact(contact_id: int) -> list[OptOut]:
    """The same for every address of one contact."""
    rows = OptOut.objects.filter(identity__contact_id=contact_id).select_related("channel", "identity")
    return list(rows.order_by("-opted_out_at", "-id"))


def sharing_channels(channel: Channel) -> QuerySet[Channel]:
    """The channels an opt-out on this one covers: itself, and those of its service and of its pool."""
    covered = Q(id=channel.pk)
    if channel.service_id:
        covered |= Q(service_id=channel.service_id)
    if channel.pool_id is not None:
        covered |= Q(pool_id=channel.pool_id)
    return Channel.objects.filter(covered, workspace_id=channel.workspace_id)
