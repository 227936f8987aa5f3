"""Reading how a workspace stands: who may be texted, who opted out, what was held back before it left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from twoway.compliance.models import Decision, OptOut
from twoway.contacts.models import Identity
from twoway.teams.actor import Actor
from twoway.teams.queries import workspace_of
from twoway.teams.rules import Right, require

MOST_REASONS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """The four numbers on top. `reasons` are codes of refusals with how many texts each stopped today.

    `can_text` counts addresses a text can reach and nobody opted out of; `opted_out` people with an open opt-out.
    """

    can_text: int
    opted_out: int
    opted_out_this_week: int
    blocked_today: int
    reasons: tuple[tuple[str, int], ...]


def figures(actor: Actor, *, at: datetime) -> Figures:
    """The numbers of the workspace at this time. Raises `NotAllowed`."""
    require(actor, Right.SEE_COMPLIANCE)
    held = OptOut.objects.filter(workspace_id=actor.workspace_id, lifted_at=None)
    people = held.values("identity__contact_id").distinct()
    reachable = Identity.objects.filter(workspace_id=actor.workspace_id, reach="")
    reachable = reachable.filter(Q(is_blocked=False) | Q(blocked_until__lte=at))
    reachable = reachable.exclude(kind__in=("alpha", "email"))
    stopped = _stopped(actor, at)
    return Figures(
        can_text=reachable.exclude(id__in=held.values("identity_id")).count(),
        opted_out=people.count(),
        opted_out_this_week=people.filter(opted_out_at__gte=at - timedelta(days=7)).count(),
        blocked_today=sum(many for _, many in stopped),
        reasons=tuple(stopped[:MOST_REASONS]),
    )


def _stopped(actor: Actor, at: datetime) -> list[tuple[str, int]]:
    """What was refused since midnight on the workspace's calendar, by reason, the most frequent first."""
    zone = ZoneInfo(workspace_of(actor).time_zone)
    midnight = datetime.combine(at.astimezone(zone).date(), time(), tzinfo=zone)
    rows = Decision.objects.filter(workspace_id=actor.workspace_id, at__gte=midnight).exclude(verdict="allow")
    counted = rows.values("reason").annotate(many=Count("id")).order_by("-many", "reason")
    return [(row["reason"], row["many"]) for row in counted]
