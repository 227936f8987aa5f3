"""What an escalation rule does to a conversation, once in an episode; and following what may call for one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from twoway.conversations import actions as conversations
from twoway.conversations.models import Conversation, State
from twoway.events.actions import notify, publish
from twoway.events.following import Seen, apart, follow
from twoway.events.types import ConversationEscalated
from twoway.lib.refusal import Refused
from twoway.routing import actions as routing
from twoway.routing.escalation import queries, rules
from twoway.routing.escalation.models import Escalated, EscalationRule, Gives
from twoway.routing.models import EntryState, QueueEntry
from twoway.routing.queries.facts import clock_for
from twoway.teams.actor import system
from twoway.teams.models import Member

log = structlog.get_logger(__name__)

JUST_NOW = timedelta(minutes=5)
FOLLOWED = frozenset({"message_received", "clock_breached"})


def round_of(*, at: datetime) -> int:
    """Ask the rules about what happened since the last round; how many events were read."""

    def handle(rows: Sequence[Seen]) -> None:
        apart(rows, lambda some: _look(some, at=at), name="escalation")

    return follow("escalation", handle, types=FOLLOWED, at=at)


def _look(rows: Sequence[Seen], *, at: datetime) -> None:
    told: dict[int, list[Seen]] = defaultdict(list)
    for row in rows:
        if row.conversation_id is not None and not row.data.get("keyword") and row.data.get("waits", True):
            told[row.workspace_id].append(row)
    with_rules = EscalationRule.objects.filter(workspace_id__in=list(told), is_active=True)
    for workspace_id in with_rules.order_by("workspace_id").values_list("workspace_id", flat=True).distinct():
        about: dict[str, set[int]] = defaultdict(set)
        for row in told[workspace_id]:
            about[str(row.data.get("kind", ""))].add(row.conversation_id or 0)
        for kind in sorted(about):
            _ask(workspace_id, about[kind], breached=kind, at=at)


def _ask(workspace_id: int, about: Collection[int], *, breached: str, at: datetime) -> None:
    """Ask about these conversations at once. `breached` is the kind of clock that was, "" for a text that came."""
    rows = Conversation.objects.filter(id__in=list(about), contact__blocked_at=None).exclude(state=State.DONE)
    talks = list(rows.order_by("id"))
    fields = queries.fields_for(system(workspace_id))
    kept = EscalationRule.objects.filter(workspace_id=workspace_id, is_active=True).order_by("position", "id")
    asking = rules.considered(queries.rules_of(kept, fields=fields), is_breach=bool(breached))
    if not talks or not asking:
        return
    facts = queries.facts_of(workspace_id, talks, asking=asking, fields=fields, at=at, breached=breached)
    clock = clock_for(workspace_id, at)
    for talk in talks:
        known = facts[talk.pk]
        found = rules.decide(asking, known, fields=fields, clock=clock, acted=queries.acted_in(talk))
        if found is not None:
            act(talk, rule_id=found.id, why=rules.why(found, known, fields=fields, clock=clock), at=at)


def rule_on_breach(conversation: Conversation, *, kind: str, at: datetime) -> EscalationRule | None:
    """The rule that acts because a clock of this kind was breached, or did a moment ago: whatever else follows from
    the breach leaves to it what it does. None where no rule does."""
    of_workspace = EscalationRule.objects.filter(workspace_id=conversation.workspace_id, is_active=True)
    kept = list(of_workspace.order_by("position", "id"))
    if not kept or conversation.state == State.DONE:
        return None
    fields = queries.fields_for(system(conversation.workspace_id))
    asking = rules.considered(queries.rules_of(kept, fields=fields), is_breach=True)
    if not asking:
        return None
    by_id = {row.pk: row for row in kept}
    done = Escalated.objects.filter(conversation_id=conversation.pk, rule_id__in=[one.id for one in asking])
    acted = done.filter(episode=conversation.episode, at__gt=at - JUST_NOW).order_by("-at").first()
    if acted is not None:
        return by_id[acted.rule_id]
    facts = queries.facts_of(
        conversation.workspace_id, [conversation], asking=asking, fields=fields, at=at, breached=kind
    )[conversation.pk]
    clock = clock_for(conversation.workspace_id, at)
    found = rules.decide(asking, facts, fields=fields, clock=clock, acted=queries.acted_in(conversation))
    return None if found is None else by_id[found.id]


@transaction.atomic
def act(conversation: Conversation, *, rule_id: int, why: str, at: datetime) -> bool:
    """Do what a rule says, unless it did in this episode; whether it did now. It leaves a line in the thread.

    What can't be done any more, because a team is gone, say, is left out and the rest is done.
    """
    talk = Conversation.objects.select_for_update(no_key=True).get(id=conversation.pk)
    rule = EscalationRule.objects.select_related("member__user", "team", "queue", "tag").get(id=rule_id)
    _, is_new = Escalated.objects.get_or_create(
        conversation=talk, episode=talk.episode, rule=rule, defaults={"why": why, "at": at}
    )
    if not is_new:
        return False
    held_by = talk.assignee_id
    name = _give(talk, rule, at=at)
    if rule.priority is not None:
        waiting = QueueEntry.objects.filter(conversation_id=talk.pk, state=EntryState.WAITING)
        waiting.filter(priority__lt=rule.priority).update(priority=rule.priority)
    if rule.tag is not None:
        conversations.tag(conversation=talk, tag_id=rule.tag_id, by=system(talk.workspace_id), at=at)
    talk.refresh_from_db(fields=["team", "assignee"])
    # Whoever was given it is told of that.
    has_it = talk.assignee_id if talk.assignee_id != held_by else None
    managers = queries.managers(talk.workspace_id, at) if rule.tells_managers else []
    told = [one.id for one in managers if one.id != has_it]
    publish(
        ConversationEscalated(
            workspace_id=talk.workspace_id,
            conversation_id=talk.pk,
            contact_id=talk.contact_id,
            rule_name=rule.name,
            why=why,
            given=rule.gives,
            given_name=name,
            tag_name=rule.tag.name if rule.tag else "",
            priority=rule.priority or 0,
            told_ids=tuple(told),
        ),
        at=at,
    )
    notify(workspace_id=talk.workspace_id, conversations=[(talk.pk, talk.team_id, talk.assignee_id)])
    return True


def _give(talk: Conversation, rule: EscalationRule, *, at: datetime) -> str:
    """Give it to whom the rule names; their name, "" for nobody."""
    by = system(talk.workspace_id)
    try:
        with transaction.atomic():
            if rule.gives == Gives.MANAGER:
                return _to_manager(talk, at=at)
            if rule.gives == Gives.MEMBER and rule.member is not None:
                conversations.assign(conversation=talk, member_id=rule.member_id, by=by, at=at)
                return str(rule.member)
            if rule.gives == Gives.TEAM and rule.team is not None:
                conversations.assign(conversation=talk, member_id=None, team_id=rule.team_id, by=by, at=at)
                return rule.team.name
            if rule.gives == Gives.QUEUE and rule.queue is not None:
                _to_queue(talk, rule, at=at)
                return rule.queue.name
    except Refused as refused:
        log.warning("escalation_not_given", rule_id=rule.pk, conversation_id=talk.pk, why=refused.sentence)
    return ""


def _to_manager(talk: Conversation, *, at: datetime) -> str:
    """Whoever of the managers has it keeps it."""
    known = queries.managers(talk.workspace_id, at)
    held_by = next((one for one in known if one.id == talk.assignee_id), None)
    chosen = held_by or rules.choose_manager(known)
    if chosen is None:
        return ""
    if held_by is None:
        conversations.assign(conversation=talk, member_id=chosen.id, by=system(talk.workspace_id), at=at)
    return str(Member.objects.select_related("user").get(id=chosen.id))


def _to_queue(talk: Conversation, rule: EscalationRule, *, at: datetime) -> None:
    routing.put(
        conversation=talk,
        queue_id=rule.queue_id or 0,
        by=system(talk.workspace_id),
        at=at,
        priority=rule.priority,
        why="escalated",
    )
