"""Who is told that an answer is nearly due or late, and that a quiet conversation might be closed."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from twoway.conversations.models import Conversation
from twoway.events.types import ClockBreached, ClockWarned
from twoway.notifications import rules
from twoway.notifications.models import Mute
from twoway.notifications.rules import Person, Talk
from twoway.notifications.telling import Line, people_where, put
from twoway.routing.escalation.acting import rule_on_breach
from twoway.routing.escalation.queries import managers
from twoway.sla.queries import steps_of
from twoway.teams.models import Member, Role
from twoway.teams.queries import who_may
from twoway.teams.rules import Right

MANAGING = (Role.OWNER, Role.ADMIN, Role.MANAGER)


def tell(event: ClockWarned | ClockBreached, at: datetime) -> int:
    """Tell whom the policy names, as far as they may see the conversation; how many lines. Nobody of a clock that has
    ended since."""
    steps = steps_of(event)
    row = Conversation.objects.filter(id=event.conversation_id or 0).first()
    if row is None or not steps:
        return 0
    talk = Talk(id=row.pk, assignee_id=row.assignee_id, team_id=row.team_id)
    by_rule = _told_by_rule(event, row, at)
    kind = rules.kind_of_clock(event.type, event.kind)
    muted = set(Mute.objects.filter(conversation_id=talk.id).values_list("member_id", flat=True))
    people = _people(event.workspace_id, talk, steps)
    told = [one for one in people if one.id not in by_rule and rules.may_see(one, talk)]
    told = [one for one in told if rules.BY_ID[kind].is_direct or one.id not in muted]
    return put([_line(event, one, talk, kind, at) for one in told], at=at)


def _told_by_rule(event: ClockWarned | ClockBreached, row: Conversation, at: datetime) -> frozenset[int]:
    """Managers whom an escalation rule tells of the same breach: once is enough."""
    rule = rule_on_breach(row, kind=event.kind, at=at) if isinstance(event, ClockBreached) else None
    if rule is None or not rule.tells_managers:
        return frozenset()
    return frozenset(one.id for one in managers(event.workspace_id, at))


def _people(workspace_id: int, talk: Talk, steps: frozenset[str]) -> list[Person]:
    wanted = Q(pk__in=[])
    if "holder" in steps and talk.assignee_id is not None:
        wanted |= Q(id=talk.assignee_id)
    # Nobody has it: those who could take it are told instead of its holder.
    if talk.team_id is not None and ("team" in steps or ("holder" in steps and talk.assignee_id is None)):
        wanted |= Q(id__in=Member.objects.filter(teams=talk.team_id).values("id"))
    if "managers" in steps:
        wanted |= Q(role__in=MANAGING) & who_may(Right.REPLY)
    return list(people_where(wanted & Q(workspace_id=workspace_id)).get(workspace_id, {}).values())


def _line(event: ClockWarned | ClockBreached, one: Person, talk: Talk, kind: str, at: datetime) -> Line:
    return Line(
        workspace_id=event.workspace_id, member_id=one.id, conversation_id=talk.id, kind=kind, at=at, why=event.kind
    )
