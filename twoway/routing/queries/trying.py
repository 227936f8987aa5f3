"""The test box: what would happen to a text now, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from twoway.channels.queries import access_channel, calendars_of
from twoway.conversations.models import Conversation
from twoway.lib.conditions import Fact, Field, Node
from twoway.routing.matching_rules import Facts, RuleFacts, decide, priority_of, team_of
from twoway.routing.models import Queue
from twoway.routing.queries.facts import Known, clock_for, facts_of, moment_facts
from twoway.routing.queries.people import agents_of, lines_of
from twoway.routing.queries.reading import fields_for, rules_of
from twoway.routing.rules import Entry, choose
from twoway.routing.sentiment import mood_of
from twoway.teams.actor import Actor, system
from twoway.teams.hours.rules import is_open

STRANGER: Mapping[str, Fact] = {
    "is_new": True,
    "texts_7": Decimal(1),
    "talks_30": Decimal(1),
    **dict.fromkeys(("tag", "topic", "audience", "consent"), frozenset[str]()),
}
"""What is known of somebody who has never written before, once their first text is here."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """A rule that was looked at: whether it matched, and else the conditions that were not true."""

    rule_id: int
    name: str
    is_match: bool
    failed: tuple[Node, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Explained:
    """What would happen. `queue_id` None: no rule matches and there is no default queue, so nothing is routed.

    `member_id` would get it now; None means it waits, `online` of the queue being there and `free` what they have room
    for. `why` is a word of `words.WHYS`.
    """

    tried: tuple[Tried, ...]
    rule_id: int | None
    queue_id: int | None
    queue_name: str
    priority: int
    team_id: int | None
    member_id: int | None
    why: str
    online: int
    free: int
    fields: Mapping[str, Field]


def facts_for(
    actor: Actor,
    *,
    at: datetime,
    text: str = "",
    channel_id: int | None = None,
    conversation_id: int | None = None,
    values: Mapping[str, Fact] | None = None,
) -> Known:
    """Facts for the test box: a text to a number of ours, or to a conversation that is there, with what else is said.

    `values` stand in the place of what would be looked up. Raises `NotFound` for a number that isn't the actor's.
    """
    fields = fields_for(actor)
    known: dict[str, Fact] = {**moment_facts(clock_for(actor.workspace_id, at)), **STRANGER}
    team_id = None
    if conversation_id is not None:
        rules = rules_of(actor, fields=fields)
        found = facts_of(actor.workspace_id, [conversation_id], rules=rules, fields=fields, at=at).get(conversation_id)
        if found is not None:
            known, team_id = {**known, **found.facts.values}, found.team_id
            known |= _one_more(conversation_id, known) if text else {}
            text = text or found.facts.text
    if channel_id is not None:
        channel = access_channel(actor, channel_id)
        known |= {"channel": str(channel.pk), "channel_kind": channel.kind}
        team_id = channel.team_id if conversation_id is None else team_id
    calendar = calendars_of(actor.workspace_id, at).of(team_id, channel_id)
    known |= {"is_open": is_open(calendar, at), "sentiment": mood_of(text) if text else None}
    return Known(facts=Facts(text=text, values={**known, **(values or {})}), team_id=team_id)


def _one_more(conversation_id: int, known: Mapping[str, Fact]) -> dict[str, Fact]:
    """What changes with a text of theirs that is only typed: they have written once more. Who waits already waits with
    all of their texts."""
    texts = known.get("texts_7")
    answered = Conversation.objects.filter(id=conversation_id, needs_reply=False)
    has_written = answered.filter(last_inbound_id__isnull=False).exists()
    return {
        "texts_7": texts + 1 if isinstance(texts, Decimal) else texts,
        "is_new": not has_written and known.get("is_new") is True,
    }


def explain(actor: Actor, known: Known, *, at: datetime) -> Explained:
    """Which rule matches, why the ones before it don't, and who would get it now. Nothing is changed."""
    fields = fields_for(actor)
    by = system(actor.workspace_id)
    decision = decide(rules_of(by, fields=fields), known.facts, fields=fields, clock=clock_for(actor.workspace_id, at))
    tried = tuple(
        Tried(rule_id=one.rule.id, name=one.rule.name, is_match=one.is_match, failed=one.failed)
        for one in decision.tried
    )
    queue = _queue(actor, decision.rule)
    if queue is None:
        return Explained(
            tried=tried, rule_id=None, queue_id=None, queue_name="", priority=0, team_id=known.team_id, member_id=None,
            why="", online=0, free=0, fields=fields,
        )  # fmt: skip
    return _given(actor, queue, decision.rule, known, tried, fields, at)


def _queue(actor: Actor, rule: RuleFacts | None) -> Queue | None:
    rows = Queue.objects.filter(workspace_id=actor.workspace_id, is_active=True)
    return rows.filter(id=rule.queue_id).first() if rule else rows.filter(is_default=True).first()


def _given(
    actor: Actor,
    queue: Queue,
    rule: RuleFacts | None,
    known: Known,
    tried: tuple[Tried, ...],
    fields: Mapping[str, Field],
    at: datetime,
) -> Explained:
    lines = lines_of(actor.workspace_id)
    team_id = team_of(rule, queue.team_id, known.team_id)
    entry = Entry(
        id=0,
        line_id=queue.pk,
        priority=priority_of(rule, queue.priority),
        entered_at=at,
        skills=rule.skills if rule else (),
        team_id=team_id,
    )
    agents = agents_of(actor.workspace_id, at)
    there = [one for one in agents if one.is_online and (team_id is None or team_id in one.team_ids)]
    found = choose(entry, agents, lines=lines, at=at) if lines[queue.pk].is_pushed else None
    return Explained(
        tried=tried,
        rule_id=rule.id if rule else None,
        queue_id=queue.pk,
        queue_name=queue.name,
        priority=entry.priority,
        team_id=team_id,
        member_id=found[0].id if found else None,
        why=found[1] if found else "",
        online=len(there),
        free=sum(one.room for one in there),
        fields=fields,
    )
