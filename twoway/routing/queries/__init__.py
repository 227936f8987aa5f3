"""Reading queues, rules, who is there and who waits."""

from twoway.routing.matching_rules import Decision, Facts, Names, RuleFacts, Tried
from twoway.routing.models import EntryState, MemberSkill, Mode, Queue, RoutingRule, RoutingSettings, Skill, Strategy
from twoway.routing.models import WhenEmpty as WhenEmpty
from twoway.routing.queries.facts import facts_of
from twoway.routing.queries.people import agents_of, capacity_of, lines_of, settings_of, skills_by_member
from twoway.routing.queries.reading import (
    access_queue,
    access_rule,
    access_skill,
    fields_for,
    queues,
    rules,
    rules_of,
    skills,
)
from twoway.routing.queries.trying import Explained, explain, facts_for
from twoway.routing.queries.trying import Tried as TriedRule
from twoway.routing.queries.waiting import QueueState, Waiting, entries_of, routes, state_of, waiting

__all__ = [
    "Decision",
    "EntryState",
    "Explained",
    "Facts",
    "MemberSkill",
    "Mode",
    "Names",
    "Queue",
    "QueueState",
    "RoutingRule",
    "RoutingSettings",
    "RuleFacts",
    "Skill",
    "Strategy",
    "Tried",
    "TriedRule",
    "Waiting",
    "WhenEmpty",
    "access_queue",
    "access_rule",
    "access_skill",
    "agents_of",
    "capacity_of",
    "entries_of",
    "explain",
    "facts_for",
    "facts_of",
    "fields_for",
    "lines_of",
    "queues",
    "routes",
    "rules",
    "rules_of",
    "settings_of",
    "skills",
    "skills_by_member",
    "state_of",
    "waiting",
]
