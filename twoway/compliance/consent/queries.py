"""Reading consent: what the decision about a text needs, how it stands for a person, and the ledger's pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet

from twoway.compliance.asked import Part, statement
from twoway.compliance.consent.actions import hash_of
from twoway.compliance.consent.models import ConsentEntry, ConsentSetting, ConsentState, Suppression
from twoway.compliance.consent.rules import FIRST_HASH, ConsentFacts, Link, link_hash, proof_hash
from twoway.compliance.purposes.rules import CONSENT_FOR
from twoway.contacts.models import Identity
from twoway.contacts.queries import access_contact
from twoway.lib.words import noted
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

__all__ = [
    "FACTS",
    "PART",
    "ConsentEntry",
    "ConsentState",
    "Suppression",
    "Verified",
    "access_entries",
    "entries",
    "entries_of",
    "facts_of",
    "is_intact",
    "states_of",
    "stop_scope",
    "verify",
]

_SOUGHT = " ".join(f"WHEN '{purpose}' THEN '{sought}'" for purpose, sought in CONSENT_FOR.items())
_HERE = "(s.channel_id IS NULL OR s.channel_id = q.channel_id)"
_JOINS = f"""
CROSS JOIN LATERAL (SELECT CASE q.purpose {_SOUGHT} ELSE q.purpose END AS purpose) AS sought
LEFT JOIN LATERAL (
    SELECT max(s.refused_position) AS position, max(s.refused_at) AS at, bool_or(s.change = 'requested') AS is_requested
    FROM consent_state s
    WHERE s.identity_id = q.identity_id AND s.purpose IN (sought.purpose, 'all') AND {_HERE}) refused ON true
LEFT JOIN LATERAL (
    SELECT s.level, s.at, s.expires_at FROM consent_state s
    WHERE s.identity_id = q.identity_id AND s.purpose IN (sought.purpose, 'all') AND {_HERE}
      AND s.change IN ('granted', 'confirmed', 'lifted') AND s.position > coalesce(refused.position, 0)
    ORDER BY (s.expires_at IS NULL OR s.expires_at > asked.at) DESC, s.rank DESC, s.position DESC
    LIMIT 1) best ON true
LEFT JOIN LATERAL (
    SELECT max(x.last_inbound_at) AS at FROM conversation x
    WHERE x.contact_id = i.contact_id AND (x.channel_id = q.channel_id OR x.pool_id = c.pool_id)) heard_here ON true
"""  # noqa: S608 - of constants
PART = Part(
    columns=(
        "coalesce(best.level, '')",
        "best.at",
        "best.expires_at",
        "refused.at",
        "coalesce(refused.is_requested, false)",
        "heard_here.at",
    ),
    joins=_JOINS,
)
"""Consent is recorded for the purposes people know, so Twoway's own ask for theirs."""
FACTS = statement(PART)


def facts_of(row: tuple[Any, ...]) -> ConsentFacts:
    """One row of `FACTS`."""
    level, given_at, expires_at, withdrawn_at, is_requested, heard_at = row
    return ConsentFacts(
        level=level,
        given_at=_iso(given_at),
        expires_at=_iso(expires_at),
        withdrawn_at=_iso(withdrawn_at),
        is_requested=is_requested,
        heard_at=_iso(heard_at),
    )


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()


def stop_scope(workspace_id: int) -> str:
    """What a STOP covers in this workspace: `all` numbers, or those of the `service`."""
    found = ConsentSetting.objects.filter(workspace_id=workspace_id).values_list("stop_scope", flat=True).first()
    return found or "all"


def states_of(identity_ids: Iterable[int]) -> list[ConsentState]:
    """How consent stands for these addresses, by purpose and number, the latest change first."""
    return list(ConsentState.objects.filter(identity__in=list(identity_ids)).order_by("-position"))


def entries(workspace_id: int) -> QuerySet[ConsentEntry]:
    """The ledger of a workspace, newest first."""
    return ConsentEntry.objects.filter(workspace_id=workspace_id).order_by("-position")


def entries_of(identities: Sequence[Identity]) -> list[ConsentEntry]:
    """Every entry about these addresses of one workspace, oldest first, also from before somebody was erased."""
    if not identities:
        return []
    workspace_id = identities[0].workspace_id
    hashes = [hash_of(workspace_id, kind=one.kind, value=one.value) for one in identities]
    return list(entries(workspace_id).filter(address_hash__in=hashes).order_by("position"))


def access_entries(actor: Actor, contact_id: int) -> list[ConsentEntry]:
    """The ledger of one contact, oldest first. Raises `NotAllowed`, `NotFound`."""
    require(actor, Right.SEE_COMPLIANCE)
    contact = access_contact(actor, contact_id)
    return entries_of(list(Identity.objects.filter(contact=contact).order_by("id")))


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """What checking a chain found: how many entries, the last hash, and where and why it breaks first (0: nowhere)."""

    count: int
    head: str
    broken_at: int = 0
    why: str = ""


def verify(workspace_id: int) -> Verified:
    """Compute the whole chain of a workspace again."""
    previous, position = FIRST_HASH, 0
    for entry in _in_order(workspace_id):
        if entry.position != position + 1:
            return Verified(count=position, head=previous, broken_at=position + 1, why=noted("an entry is missing"))
        if entry.previous_hash != previous:
            why = noted("an entry does not follow the one before it")
            return Verified(count=position, head=previous, broken_at=entry.position, why=why)
        if not is_intact(entry):
            return Verified(count=position, head=previous, broken_at=entry.position, why=noted("an entry was changed"))
        previous, position = entry.hash, entry.position
    return Verified(count=position, head=previous)


def _in_order(workspace_id: int) -> Iterator[ConsentEntry]:
    return ConsentEntry.objects.filter(workspace_id=workspace_id).order_by("position").iterator(chunk_size=2000)


def is_intact(entry: ConsentEntry) -> bool:
    """Whether an entry and its proof are as they were written; of a minimised proof only the entry is left to check."""
    link = Link(
        workspace_id=entry.workspace_id,
        position=entry.position,
        previous_hash=entry.previous_hash,
        address_hash=entry.address_hash,
        channel_id=entry.channel_id,
        purpose=entry.purpose,
        change=entry.change,
        level=entry.level,
        method=entry.method,
        by_name=entry.by_name,
        at=entry.at,
        expires_at=entry.expires_at,
        proof_hash=entry.proof_hash,
    )
    if link_hash(link) != entry.hash:
        return False
    return entry.minimised_at is not None or proof_hash(entry.proof) == entry.proof_hash
