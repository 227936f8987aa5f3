"""Making, changing, ordering and deleting escalation rules and call hints; closing a hint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from twoway.conversations.models import Conversation
from twoway.conversations.queries import access_conversation, access_tag
from twoway.events.actions import audit, notify
from twoway.lib.conditions import Group, read, written
from twoway.lib.ordering import as_wished, moved
from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.routing.actions.queues import check_priority
from twoway.routing.escalation import queries
from twoway.routing.escalation.models import CallHint, EscalationRule, Gives, HintDismissed
from twoway.routing.escalation.rules import LONGEST_NAME, LONGEST_SENTENCE, MOST_RULES, SUGGESTED_HINTS
from twoway.routing.matching_rules import cleaned
from twoway.routing.queries import access_queue
from twoway.teams.actor import Actor
from twoway.teams.queries import access_assignee, access_team
from twoway.teams.rules import Right, require


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleWish:
    """An escalation rule as a form gives it. `target_id` is the member, team or queue that `gives` asks for."""

    name: str
    conditions: object
    gives: str = ""
    target_id: int | None = None
    tag_id: int | None = None
    priority: int | None = None
    tells_managers: bool = False
    is_active: bool = True


@transaction.atomic
def save_rule(*, wish: RuleWish, by: Actor, at: datetime, rule_id: int | None = None) -> EscalationRule:
    """Make a rule, at the end, or change the one of this id in its place.

    Raises `NotAllowed`, `NotFound`, `Invalid`.
    """
    require(by, Right.MANAGE_TEAMS)
    row = queries.access_rule(by, rule_id) if rule_id is not None else None
    if row is None:
        row = EscalationRule(workspace_id=by.workspace_id, created_at=at, position=_last(EscalationRule, by))
    name = " ".join(wish.name.replace("\0", "").split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(t("Name the rule, with at most {most} characters.", most=LONGEST_NAME), field="name")
    if wish.priority is not None:
        check_priority(wish.priority)
    _aim(row, wish, by)
    row.tag = None if wish.tag_id is None else access_tag(by, wish.tag_id)
    if not (row.gives or row.tag or wish.priority or wish.tells_managers):
        raise Invalid(t("Choose what it does."), field="gives")
    row.name, row.conditions = name, written(_tree(wish.conditions, by, with_clocks=True))
    row.priority, row.tells_managers, row.is_active = wish.priority, wish.tells_managers, wish.is_active
    is_new = row.pk is None
    row.save()
    _record(by, "escalation.created" if is_new else "escalation.changed", row.name, f"escalation {row.pk}", at)
    return row


def _aim(row: EscalationRule, wish: RuleWish, by: Actor) -> None:
    """Who gets it."""
    row.gives, row.member, row.team, row.queue = Gives.NOBODY, None, None, None
    if wish.gives not in Gives.values:
        raise Invalid(t("Choose who gets it."), field="gives")
    if wish.gives in {Gives.MEMBER, Gives.TEAM, Gives.QUEUE} and wish.target_id is None:
        raise Invalid(t("Choose who gets it."), field="gives")
    row.gives = Gives(wish.gives)
    target = wish.target_id or 0
    if row.gives == Gives.MEMBER:
        row.member = access_assignee(by, target)
    elif row.gives == Gives.TEAM:
        row.team = access_team(by, target)
    elif row.gives == Gives.QUEUE:
        row.queue = access_queue(by, target)


def _tree(conditions: object, by: Actor, *, with_clocks: bool) -> Group:
    tree = cleaned(read(conditions, fields=queries.fields_for(by, with_clocks=with_clocks)))
    if not tree.parts:
        raise Invalid(t("Add a condition."), field="conditions")
    return tree


def _last(model: type[EscalationRule] | type[CallHint], by: Actor) -> int:
    """The place after the last; raises `Invalid` when there are as many as there may be."""
    rows = model._default_manager.filter(workspace_id=by.workspace_id)
    if rows.count() >= MOST_RULES:
        raise Invalid(t("Use at most {most} rules.", most=MOST_RULES), field="name", code="too_many_rules")
    return int(rows.aggregate(last=Max("position"))["last"] or 0) + 1


@transaction.atomic
def move_rule(*, rule: EscalationRule, step: int, by: Actor, at: datetime) -> None:
    """One place up (-1) or down (1). Raises `NotAllowed`, `NotFound`."""
    require(by, Right.MANAGE_TEAMS)
    rows = {row.pk: row for row in _in_order(by)}
    order = moved(list(rows), queries.access_rule(by, rule.pk).pk, step=step)
    _number(as_wished(rows, order or []), f"escalation {rule.pk}", by, at)


@transaction.atomic
def order_rules(*, rule_ids: Sequence[int], by: Actor, at: datetime) -> None:
    """Put the rules in this order; those not named come after, as they were. Raises `NotAllowed`, `NotFound`."""
    require(by, Right.MANAGE_TEAMS)
    rows = {row.pk: row for row in _in_order(by)}
    for key in rule_ids:
        if key not in rows:
            queries.access_rule(by, key)
    _number(as_wished(rows, rule_ids), "escalation rules", by, at)


def _in_order(by: Actor) -> list[EscalationRule]:
    """All of them, locked."""
    rows = EscalationRule.objects.select_for_update().filter(workspace_id=by.workspace_id).order_by("id")
    return sorted(rows, key=lambda row: (row.position, row.pk))


def _number(rows: Sequence[EscalationRule], subject: str, by: Actor, at: datetime) -> None:
    for number, row in enumerate(rows, 1):
        row.position = number
    EscalationRule.objects.bulk_update(rows, ["position"])
    names = ", ".join(row.name for row in rows)
    _record(by, "escalation.ordered", names, subject, at)


@transaction.atomic
def delete_rule(*, rule: EscalationRule, by: Actor, at: datetime) -> None:
    """Delete a rule; what it did stays. Raises `NotAllowed`, `NotFound`."""
    require(by, Right.MANAGE_TEAMS)
    row = queries.access_rule(by, rule.pk)
    _record(by, "escalation.deleted", row.name, f"escalation {row.pk}", at)
    row.delete()


# Hints ----------------------------------------------------------------------------------------------------------------


@transaction.atomic
def save_hint(
    *, sentence: str, conditions: object, by: Actor, at: datetime, is_active: bool = True, hint_id: int | None = None
) -> CallHint:
    """Make a hint, at the end, or change the one of this id. Raises `NotAllowed`, `NotFound`, `Invalid`."""
    require(by, Right.MANAGE_TEAMS)
    row = queries.access_hint(by, hint_id) if hint_id is not None else None
    if row is None:
        row = CallHint(workspace_id=by.workspace_id, created_at=at, position=_last(CallHint, by))
    words = " ".join(sentence.replace("\0", "").split())
    if not words or len(words) > LONGEST_SENTENCE:
        raise Invalid(
            t("Write what agents read, with at most {most} characters.", most=LONGEST_SENTENCE), field="sentence"
        )
    row.sentence, row.is_active = words, is_active
    row.conditions = written(_tree(conditions, by, with_clocks=False))
    is_new = row.pk is None
    row.save()
    _record(by, "call_hint.created" if is_new else "call_hint.changed", row.sentence, f"call hint {row.pk}", at)
    return row


def take_over_hint(*, key: str, by: Actor, at: datetime) -> CallHint:
    """Make one of those that are offered the workspace's own. Raises `NotAllowed`, `Invalid`."""
    found = next((one for one in SUGGESTED_HINTS if one.key == key), None)
    if found is None:
        raise Invalid(t("Choose one from the list."), field="key")
    return save_hint(sentence=t(found.sentence), conditions=written(found.conditions), by=by, at=at)


@transaction.atomic
def delete_hint(*, hint: CallHint, by: Actor, at: datetime) -> None:
    """Delete a hint. Raises `NotAllowed`, `NotFound`."""
    require(by, Right.MANAGE_TEAMS)
    row = queries.access_hint(by, hint.pk)
    _record(by, "call_hint.deleted", row.sentence, f"call hint {row.pk}", at)
    row.delete()


@transaction.atomic
def dismiss_hint(*, conversation: Conversation, hint: CallHint, by: Actor, at: datetime) -> None:
    """Close a hint in a conversation, for everybody, until its next episode. Raises `NotAllowed`, `NotFound`."""
    require(by, Right.REPLY)
    talk, row = access_conversation(by, conversation.pk), queries.access_hint(by, hint.pk)
    HintDismissed.objects.get_or_create(conversation=talk, episode=talk.episode, hint=row, defaults={"at": at})
    notify(workspace_id=talk.workspace_id, conversations=[(talk.pk, talk.team_id, talk.assignee_id)])


def _record(by: Actor, action: str, name: str, subject: str, at: datetime) -> None:
    audit(workspace_id=by.workspace_id, actor=by.audit_name, action=action, subject=subject, data={"name": name}, at=at)
