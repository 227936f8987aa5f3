"""Making, changing, ordering and deleting the rules that fill queues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Max, QuerySet

from twoway.events.actions import audit
from twoway.lib.conditions import read, written
from twoway.lib.ordering import as_wished
from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.routing.actions.queues import LONGEST_NAME, check_priority
from twoway.routing.matching_rules import cleaned
from twoway.routing.models import RoutingRule, RuleSkill, Skill
from twoway.routing.queries.reading import access_queue, access_rule, fields_for
from twoway.teams.actor import Actor
from twoway.teams.queries import access_team
from twoway.teams.rules import Right, require

MOST_RULES = 200
MOST_SKILLS = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleWish:
    """A rule as a form gives it. `conditions` is JSON as `lib.conditions` has it; `skills` are {skill: level}."""

    name: str
    conditions: object
    queue_id: int
    priority: int | None = None
    team_id: int | None = None
    skills: Mapping[int, int] = field(default_factory=dict)
    is_active: bool = True


@transaction.atomic
def save_rule(*, wish: RuleWish, by: Actor, at: datetime, rule_id: int | None = None) -> RoutingRule:
    """Make a rule, at the end, or change the one of this id in its place.

    Raises `NotAllowed`, `NotFound`, `Invalid`.
    """
    require(by, Right.MANAGE_TEAMS)
    old = access_rule(by, rule_id) if rule_id is not None else None
    every = RoutingRule.objects.select_for_update().filter(workspace_id=by.workspace_id)
    if old is None and every.count() >= MOST_RULES:
        raise Invalid(t("Use at most {most} rules.", most=MOST_RULES), field="name", code="too_many_rules")
    name = " ".join(wish.name.replace("\0", "").split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(t("Name the rule, with at most {most} characters.", most=LONGEST_NAME), field="name")
    tree = cleaned(read(wish.conditions, fields=fields_for(by)))
    if not tree.parts:
        raise Invalid(t("Add a condition. What no rule matches goes to the default queue."), field="conditions")
    if wish.priority is not None:
        check_priority(wish.priority)
    row = old or RoutingRule(workspace_id=by.workspace_id, created_at=at)
    if old is None:
        row.position = (_rules(by).aggregate(last=Max("position"))["last"] or 0) + 1
    row.name, row.conditions, row.priority, row.is_active = name, written(tree), wish.priority, wish.is_active
    row.queue = access_queue(by, wish.queue_id)
    row.team = None if wish.team_id is None else access_team(by, wish.team_id)
    row.save()
    _set_skills(row, wish.skills, by)
    _record(by, "routing_rule.changed" if old else "routing_rule.created", row, at)
    return access_rule(by, row.pk)


def _rules(by: Actor) -> QuerySet[RoutingRule]:
    return RoutingRule.objects.filter(workspace_id=by.workspace_id)


def _set_skills(row: RoutingRule, wanted: Mapping[int, int], by: Actor) -> None:
    known = set(Skill.objects.filter(workspace_id=by.workspace_id, id__in=wanted).values_list("id", flat=True))
    if known != set(wanted):
        raise Invalid(t("A skill isn't there any more."), field="skills")
    if len(wanted) > MOST_SKILLS:
        raise Invalid(t("Ask for at most {most} skills.", most=MOST_SKILLS), field="skills")
    if any(not 1 <= level <= 5 for level in wanted.values()):
        raise Invalid(t("Choose a level from 1 to 5."), field="skills")
    RuleSkill.objects.filter(rule=row).delete()
    RuleSkill.objects.bulk_create([RuleSkill(rule=row, skill_id=key, level=level) for key, level in wanted.items()])


@transaction.atomic
def order_rules(*, rule_ids: Sequence[int], by: Actor, at: datetime) -> None:
    """Put the rules in this order; those not named come after, as they were. Raises `NotAllowed`, `NotFound`."""
    require(by, Right.MANAGE_TEAMS)
    locked = RoutingRule.objects.select_for_update().filter(workspace_id=by.workspace_id)
    rows = {row.pk: row for row in sorted(locked, key=lambda row: (row.position, row.pk))}
    for key in rule_ids:
        if key not in rows:
            access_rule(by, key)
    ordered = as_wished(rows, rule_ids)
    for position, row in enumerate(ordered, 1):
        row.position = position
    RoutingRule.objects.bulk_update(ordered, ["position"])
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action="routing_rule.ordered",
        subject="routing rules",
        data={"rules": [row.name for row in ordered]},
        at=at,
    )


@transaction.atomic
def delete_rule(*, rule: RoutingRule, by: Actor, at: datetime) -> None:
    """Delete a rule; who waits because of it goes on waiting. Raises `NotAllowed`, `NotFound`."""
    require(by, Right.MANAGE_TEAMS)
    rule = access_rule(by, rule.pk)
    _record(by, "routing_rule.deleted", rule, at)
    rule.delete()


def _record(by: Actor, action: str, row: RoutingRule, at: datetime) -> None:
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action=action,
        subject=f"routing rule {row.pk}",
        data={"name": row.name, "queue": row.queue.name, "priority": row.priority, "active": row.is_active},
        at=at,
    )
