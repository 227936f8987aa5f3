"""Queues, rules and skills of a workspace, and what rules may be about."""

from __future__ import annotations

from django.db import connection
from django.db.models.functions import Lower

from twoway.channels.queries import visible_channels
from twoway.compliance.purposes.queries import listed as purposes
from twoway.compliance.purposes.rules import called
from twoway.contacts.audiences.queries import audiences
from twoway.contacts.fields.queries import condition_fields
from twoway.conversations.models import Tag
from twoway.lib.conditions import Field, read
from twoway.lib.refusal import Invalid, NotFound
from twoway.routing.matching_rules import Names, RuleFacts, fields_of
from twoway.routing.models import Queue, RoutingRule, RuleSkill, Skill
from twoway.teams.actor import Actor

_TOPICS = "SELECT id, label FROM optin_topic WHERE workspace_id = %s AND is_active ORDER BY lower(label), id"


def queues(actor: Actor, *, with_inactive: bool = True) -> list[Queue]:
    """The workspace's queues in their order; until somebody ordered them by name, the default one first."""
    rows = Queue.objects.filter(workspace_id=actor.workspace_id).select_related("team", "overflow")
    if not with_inactive:
        rows = rows.filter(is_active=True)
    return list(rows.order_by("position", "-is_default", Lower("name"), "id"))


def access_queue(actor: Actor, queue_id: int) -> Queue:
    """A queue of the actor's workspace. Raises `NotFound`."""
    row = Queue.objects.filter(workspace_id=actor.workspace_id, id=queue_id).select_related("team", "overflow").first()
    if row is None:
        raise NotFound("queue", queue_id)
    return row


def rules(actor: Actor) -> list[RoutingRule]:
    """The workspace's rules in their order, with queue, team and skills."""
    rows = RoutingRule.objects.filter(workspace_id=actor.workspace_id).select_related("queue", "team")
    return list(rows.prefetch_related("skills__skill").order_by("position", "id"))


def access_rule(actor: Actor, rule_id: int) -> RoutingRule:
    """A rule of the actor's workspace. Raises `NotFound`."""
    row = RoutingRule.objects.filter(workspace_id=actor.workspace_id, id=rule_id).select_related("queue", "team")
    found = row.prefetch_related("skills__skill").first()
    if found is None:
        raise NotFound("rule", rule_id)
    return found


def skills(actor: Actor) -> list[Skill]:
    """The workspace's skills by name."""
    return list(Skill.objects.filter(workspace_id=actor.workspace_id).order_by(Lower("name")))


def access_skill(actor: Actor, skill_id: int) -> Skill:
    """A skill of the actor's workspace. Raises `NotFound`."""
    row = Skill.objects.filter(workspace_id=actor.workspace_id, id=skill_id).first()
    if row is None:
        raise NotFound("skill", skill_id)
    return row


def fields_for(actor: Actor) -> dict[str, Field]:
    """What rules of this workspace may be about, by key, with the numbers, audiences, topics, purposes and tags there
    are.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TOPICS, [actor.workspace_id])
        topics = tuple((str(key), label) for key, label in cursor.fetchall())
    tags = Tag.objects.filter(workspace_id=actor.workspace_id).order_by(Lower("name"))
    names = Names(
        channels=tuple((str(one.pk), one.name or one.address) for one in visible_channels(actor)),
        audiences=tuple((str(one.pk), one.name) for one in audiences(actor)),
        topics=topics,
        purposes=tuple((one.slug, called(one)) for one in purposes(actor.workspace_id)),
        tags=tuple((str(one.pk), one.name) for one in tags),
        properties=condition_fields(actor.workspace_id),
    )
    return fields_of(names)


def rules_of(actor: Actor, *, fields: dict[str, Field]) -> list[RuleFacts]:
    """The rules that are on, in order, as they are decided by. One whose conditions name what is gone is left out, and
    so is one whose queue is off.
    """
    rows = RoutingRule.objects.filter(workspace_id=actor.workspace_id, is_active=True, queue__is_active=True)
    wanted: dict[int, list[tuple[int, int]]] = {}
    for rule_id, skill_id, level in RuleSkill.objects.filter(rule__workspace_id=actor.workspace_id).values_list(
        "rule_id", "skill_id", "level"
    ):
        wanted.setdefault(rule_id, []).append((skill_id, level))
    found = []
    for row in rows.order_by("position", "id"):
        try:
            tree = read(row.conditions, fields=fields)
        except Invalid:
            continue
        found.append(
            RuleFacts(
                id=row.pk,
                name=row.name,
                queue_id=row.queue_id,
                conditions=tree,
                priority=row.priority,
                team_id=row.team_id,
                skills=tuple(sorted(wanted.get(row.pk, ()))),
            )
        )
    return found
