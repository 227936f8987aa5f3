"""Reading how a workspace stands: whether its chains hold, what was held back today, and what is overdue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.db.models import Count

from twoway.compliance.consent import queries as consent
from twoway.compliance.models import Decision, OptOut
from twoway.compliance.revocation.models import Doubt, DoubtState
from twoway.contacts.models import Identity
from twoway.events.actions import FIRST_HASH
from twoway.events.queries import follow_audit
from twoway.teams.actor import Actor
from twoway.teams.queries import workspace_of
from twoway.teams.rules import Right, require

MOST_COUNTED = 10_000
REMEMBERED = 3600
"""Seconds for which a chain that was followed isn't followed again from its beginning."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Chains:
    """Whether both chains hold. `audit_broken` is the id, `ledger_broken` the position where one breaks first."""

    audit_broken: int | None
    ledger_broken: int | None


def chains(actor: Actor) -> Chains:
    """Follow both chains, from where they were found right within the last hour. Raises `NotAllowed`."""
    require(actor, Right.SEE_COMPLIANCE)
    return Chains(audit_broken=_audit(actor.workspace_id), ledger_broken=_ledger(actor.workspace_id))


def _audit(workspace_id: int) -> int | None:
    key = f"audit-chain-{workspace_id}"
    after_id, after_hash = cache.get(key) or (0, FIRST_HASH)
    found = follow_audit(workspace_id, after_id=after_id, after_hash=after_hash)
    if found.broken_id is None and found.checked:
        cache.add(key, (found.last_id, found.last_hash), REMEMBERED)
    return found.broken_id


def _ledger(workspace_id: int) -> int | None:
    key = f"consent-chain-{workspace_id}"
    head = consent.entries(workspace_id).values_list("hash", flat=True).first() or ""
    if head and cache.get(key) == head:
        return None
    found = consent.verify(workspace_id)
    if not found.broken_at:
        cache.set(key, found.head, REMEMBERED)
    return found.broken_at or None


@dataclass(frozen=True, kw_only=True, slots=True)
class Stopped:
    """Texts that were refused or held before they left since midnight, and why: codes with how many, most first."""

    many: int
    reasons: tuple[tuple[str, int], ...]


def stopped_today(actor: Actor, *, at: datetime) -> Stopped:
    """Since midnight on the workspace's calendar. Raises `NotAllowed`."""
    require(actor, Right.SEE_COMPLIANCE)
    zone = ZoneInfo(workspace_of(actor).time_zone)
    midnight = datetime.combine(at.astimezone(zone).date(), time(), tzinfo=zone)
    rows = Decision.objects.filter(workspace_id=actor.workspace_id, at__gte=midnight).exclude(verdict="allow")
    counted = rows.values("reason").annotate(many=Count("id")).order_by("-many", "reason")
    reasons = tuple((row["reason"], row["many"]) for row in counted)
    return Stopped(many=sum(many for _, many in reasons), reasons=reasons)


def can_text(actor: Actor) -> int:
    """How many addresses a text can reach and nobody opted out of, up to `MOST_COUNTED`. Raises `NotAllowed`."""
    require(actor, Right.SEE_COMPLIANCE)
    held = OptOut.objects.filter(workspace_id=actor.workspace_id, lifted_at=None)
    rows = Identity.objects.filter(workspace_id=actor.workspace_id, is_blocked=False, reach="")
    rows = rows.exclude(kind__in=("alpha", "email")).exclude(id__in=held.values("identity_id"))
    return rows[:MOST_COUNTED].count()


def overdue_doubts(actor: Actor, *, at: datetime) -> int:
    """How many messages that may mean "stop" were not answered by their day. Raises `NotAllowed`."""
    require(actor, Right.SEE_COMPLIANCE)
    return Doubt.objects.filter(workspace_id=actor.workspace_id, state=DoubtState.OPEN, due_at__lt=at).count()
