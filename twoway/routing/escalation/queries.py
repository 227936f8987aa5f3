"""Reading escalation rules and call hints, what they ask of conversations, and who manages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import Count, Q, QuerySet

from twoway.conversations.models import Conversation, State
from twoway.lib.conditions import ALWAYS, Clock, Fact, Field, read
from twoway.lib.refusal import Invalid, NotFound
from twoway.routing import queries as routing
from twoway.routing.escalation import rules
from twoway.routing.escalation.models import CallHint, Escalated, EscalationRule, Gives, HintDismissed
from twoway.routing.escalation.rules import BREACHED, TEXTS_1, WAITING, Manager
from twoway.routing.matching_rules import Decision, Facts, RuleFacts, asked
from twoway.routing.presence.queries import present
from twoway.routing.queries.facts import clock_for
from twoway.teams.actor import Actor, system
from twoway.teams.models import Member, Role
from twoway.teams.queries import who_may
from twoway.teams.rules import Right

__all__ = [
    "CallHint",
    "Decision",
    "EscalationRule",
    "Gives",
    "Tested",
    "access_hint",
    "access_rule",
    "fields_for",
    "has_managers",
    "hints",
    "hints_shown",
    "managers",
    "rules_of",
    "stored",
    "test",
]
MANAGING = (Role.MANAGER, Role.ADMIN, Role.OWNER)

_TEXTS_1 = """
SELECT v.id, (SELECT count(*) FROM conversation w JOIN message m ON m.conversation_id = w.id
    WHERE w.contact_id = v.contact_id AND m.direction = 'in' AND m.created_at > %s)
FROM conversation v WHERE v.id = ANY(%s)
"""


def stored(actor: Actor) -> list[EscalationRule]:
    """The workspace's escalation rules in their order."""
    rows = EscalationRule.objects.filter(workspace_id=actor.workspace_id)
    return list(rows.select_related("member__user", "team", "queue", "tag").order_by("position", "id"))


def access_rule(actor: Actor, rule_id: int) -> EscalationRule:
    """One of them. Raises `NotFound`."""
    row = EscalationRule.objects.filter(workspace_id=actor.workspace_id, id=rule_id).first()
    if row is None:
        raise NotFound("rule", rule_id)
    return row


def hints(actor: Actor) -> list[CallHint]:
    """The workspace's hints in their order."""
    return list(CallHint.objects.filter(workspace_id=actor.workspace_id).order_by("position", "id"))


def access_hint(actor: Actor, hint_id: int) -> CallHint:
    """One of them. Raises `NotFound`."""
    row = CallHint.objects.filter(workspace_id=actor.workspace_id, id=hint_id).first()
    if row is None:
        raise NotFound("hint", hint_id)
    return row


def fields_for(actor: Actor, *, with_clocks: bool = True) -> dict[str, Field]:
    """What a rule, or without clocks a hint, of this workspace may be about."""
    return rules.fields_of(routing.fields_for(actor), with_clocks=with_clocks)


def rules_of(rows: Iterable[EscalationRule | CallHint], *, fields: Mapping[str, Field]) -> list[RuleFacts]:
    """Those that are on, as they are decided by. One about what is gone is left out."""
    found = []
    for row in rows:
        try:
            tree = read(row.conditions, fields=fields) if row.is_active else ALWAYS
        except Invalid:
            continue
        if row.is_active and tree.parts:
            found.append(RuleFacts(id=row.pk, name=str(row), queue_id=0, conditions=tree))
    return found


# Facts ----------------------------------------------------------------------------------------------------------------


def facts_of(
    workspace_id: int,
    conversations: Collection[Conversation],
    *,
    asking: Collection[RuleFacts],
    fields: Mapping[str, Field],
    at: datetime,
    breached: str = "",
) -> dict[int, Facts]:
    """What these rules ask of these conversations, by id."""
    keys = [one.pk for one in conversations]
    known = routing.facts_of(workspace_id, keys, rules=asking, fields=fields, at=at)
    texts: dict[int, int] = {}
    if TEXTS_1 in asked(asking):
        with connection.cursor() as cursor:
            cursor.execute(_TEXTS_1, [at - timedelta(days=1), keys])
            texts = dict(cursor.fetchall())
    found = {}
    for one in conversations:
        own: dict[str, Fact] = {TEXTS_1: Decimal(texts.get(one.pk, 0)), BREACHED: breached or None}
        if one.needs_reply:
            own[WAITING] = Decimal(int((at - one.sort_at).total_seconds() // 60))
        facts = known[one.pk].facts if one.pk in known else Facts()
        found[one.pk] = replace(facts, values={**facts.values, **own})
    return found


# Hints ----------------------------------------------------------------------------------------------------------------


def hints_shown(conversation: Conversation, *, at: datetime) -> list[CallHint]:
    """The hints that hold for an open conversation now and were not closed in its episode; one query where a workspace
    has none."""
    rows = CallHint.objects.filter(workspace_id=conversation.workspace_id, is_active=True)
    closed = HintDismissed.objects.filter(conversation_id=conversation.pk, episode=conversation.episode)
    found = list(rows.exclude(id__in=closed.values("hint_id")).order_by("position", "id"))
    if not found or conversation.state == State.DONE:
        return []
    fields = fields_for(system(conversation.workspace_id), with_clocks=False)
    asking = rules_of(found, fields=fields)
    facts = facts_of(conversation.workspace_id, [conversation], asking=asking, fields=fields, at=at)[conversation.pk]
    clock = clock_for(conversation.workspace_id, at)
    shown = {one.id for one in rules.shown(asking, facts, fields=fields, clock=clock)}
    return [one for one in found if one.pk in shown]


# Managers -------------------------------------------------------------------------------------------------------------


def has_managers(actor: Actor, *, but: int | None) -> bool:
    """Whether there is anybody else who manages and answers."""
    return _managing(actor.workspace_id).exclude(id=but or 0).exists()


def managers(workspace_id: int, at: datetime) -> list[Manager]:
    """Everybody with the manager role up who may answer: whether they are there, and how many they have open."""
    there = {one.member_id for one in present(workspace_id, at) if one.state == "online"}
    keys = list(_managing(workspace_id).order_by("id").values_list("id", flat=True))
    held = Conversation.objects.filter(assignee_id__in=keys, state=State.OPEN).values_list("assignee_id")
    counts: dict[int | None, int] = dict(held.annotate(n=Count("id")))
    return [Manager(id=key, is_online=key in there, held=counts.get(key, 0)) for key in keys]


def _managing(workspace_id: int) -> QuerySet[Member]:
    rows = Member.objects.filter(workspace_id=workspace_id, is_active=True, user__is_active=True)
    return rows.filter(Q(role__in=MANAGING) & who_may(Right.REPLY))


# The test box ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Tested:
    """What a text, or a breach, would bring about: the rules that were looked at, and the hints that would show."""

    decision: Decision
    why: str
    hints: tuple[CallHint, ...]
    fields: dict[str, Field]
    clock: Clock


def test(
    actor: Actor, *, text: str, channel_id: int | None, conversation: Conversation | None, breached: str, at: datetime
) -> Tested:
    """Ask the rules about a text that is only typed, to a number or in a conversation there is. Nothing is changed.

    Raises `NotFound` for a number that isn't the actor's.
    """
    fields = fields_for(actor)
    asking = rules.considered(rules_of(stored(actor), fields=fields), is_breach=bool(breached))
    rows = hints(actor)
    hinted = rules_of(rows, fields=fields_for(actor, with_clocks=False))
    key = conversation.pk if conversation is not None else None
    known = routing.facts_for(actor, at=at, text=text, channel_id=channel_id, conversation_id=key).facts
    values: dict[str, Fact] = {TEXTS_1: Decimal(1), **known.values}
    if conversation is not None:
        both = [*asking, *hinted]
        own = facts_of(actor.workspace_id, [conversation], asking=both, fields=fields, at=at)[conversation.pk]
        values = {**values, **own.values, "sentiment": known.values.get("sentiment")}
        if text:  # which counts, once it is there
            values |= {
                key: told + 1 for key in (TEXTS_1, "texts_7") if isinstance(told := own.values.get(key), Decimal)
            }
            values["is_new"] = known.values.get("is_new")
    facts = Facts(text=text or known.text, values={**values, BREACHED: breached or None})
    clock = clock_for(actor.workspace_id, at)
    decision = rules.tried(asking, facts, fields=fields, clock=clock)
    shown = {one.id for one in rules.shown(hinted, facts, fields=fields, clock=clock)}
    return Tested(
        decision=decision,
        why=rules.why(decision.rule, facts, fields=fields, clock=clock) if decision.rule else "",
        hints=tuple(row for row in rows if row.pk in shown),
        fields=fields,
        clock=clock,
    )


def acted_in(conversation: Conversation) -> frozenset[int]:
    """The rules that acted in its present episode."""
    rows = Escalated.objects.filter(conversation_id=conversation.pk, episode=conversation.episode)
    return frozenset(rows.values_list("rule_id", flat=True))
