"""What a second person is asked for: what waits, what was decided, and who may decide."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from twoway.lib.refusal import NotFound
from twoway.teams.actor import Actor
from twoway.teams.approvals import rules
from twoway.teams.approvals.models import Approval
from twoway.teams.approvals.rules import KINDS, OPEN, Rule, State
from twoway.teams.models import Member
from twoway.teams.queries import who_may
from twoway.teams.rules import Right

__all__ = ["Approval", "access_approval", "count_waiting", "deciders", "holders", "open_ones", "recent", "too_few"]

RECENT = 30


def access_approval(actor: Actor, approval_id: int) -> Approval:
    """One this actor asked for or may have to agree to. Raises `NotFound`."""
    found = _visible(actor).filter(id=approval_id).first()
    if found is None:
        raise NotFound("request", approval_id)
    return found


def open_ones(actor: Actor, *, at: datetime) -> list[Approval]:
    """What waits for an answer, and agreed exports that can still be taken; the oldest first."""
    return list(_visible(actor).filter(_still_open(at)).order_by("id"))


def recent(actor: Actor, *, at: datetime) -> list[Approval]:
    """What was closed lately, the newest first."""
    return list(_visible(actor).exclude(_still_open(at)).order_by("-id")[:RECENT])


def count_waiting(actor: Actor, *, at: datetime) -> int:
    """How many this actor can do something about: agree to, or take away."""
    mine = Q(state=State.AGREED, usable_until__gt=at, asked_by_id=actor.member_id)
    others = Q(state=State.ASKED, expires_at__gt=at, kind__in=rules.kinds_for(actor)) & ~Q(asked_by_id=actor.member_id)
    here = Approval.objects.filter(workspace_id=actor.workspace_id, state__in=list(OPEN))
    return here.filter(mine | others).count() if actor.kind == "member" else 0


def deciders(approval: Approval) -> list[int]:
    """The ids of the members who may agree now."""
    rows = _active(approval.workspace_id).filter(who_may(KINDS[approval.kind].right)).exclude(id=approval.asked_by_id)
    return list(rows.order_by("id").values_list("id", flat=True))


def holders(workspace_id: int, rule: Rule) -> dict[Right, int]:
    """How many members have each of the rights of a rule."""
    return {right: _active(workspace_id).filter(who_may(right)).count() for right in rules.rights_of(rule)}


def too_few(workspace_id: int, rule: Rule) -> list[Right]:
    """The rights of a rule that fewer than two members have."""
    return rules.too_few(rule, holders(workspace_id, rule))


def _active(workspace_id: int) -> QuerySet[Member]:
    return Member.objects.filter(workspace_id=workspace_id, is_active=True, user__is_active=True)


def _visible(actor: Actor) -> QuerySet[Approval]:
    rows = Approval.objects.filter(workspace_id=actor.workspace_id)
    if actor.kind != "member":
        return rows.none()
    rows = rows.filter(Q(asked_by_id=actor.member_id) | Q(kind__in=rules.kinds_for(actor)))
    return rows.select_related("asked_by__user", "decided_by__user")


def _still_open(at: datetime) -> Q:
    return Q(state=State.ASKED, expires_at__gt=at) | Q(state=State.AGREED, usable_until__gt=at)
