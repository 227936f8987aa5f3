"""What routing rules ask about conversations: only what the rules of this workspace are about is looked up.

Texts, topics and consent belong to packages above or beside this one, so their tables are named here.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from twoway.channels.queries import calendars_of
from twoway.contacts.audiences.columns import fields_for as audience_fields
from twoway.contacts.audiences.models import Audience
from twoway.contacts.audiences.queries import Wanted, among
from twoway.lib.conditions import Clock, Fact, Field, read, rules_in
from twoway.lib.refusal import Invalid
from twoway.routing.matching_rules import PROPERTY, TEXT, WORDS, Facts, RuleFacts, asked
from twoway.routing.sentiment import mood_of
from twoway.teams.actor import system
from twoway.teams.hours.rules import is_open
from twoway.teams.models import Workspace

_BASE = """
SELECT v.id, v.contact_id, v.identity_id, v.channel_id, ch.kind, v.team_id, c.language, c.properties, v.sort_at,
       v.unanswered
FROM conversation v JOIN contact c ON c.id = v.contact_id JOIN channel ch ON ch.id = v.channel_id
WHERE v.id = ANY(%(ids)s) AND v.workspace_id = %(workspace)s
"""
# The texts they wait with, or the last one; a handful is enough to tell what it is about.
_TEXTS = """
SELECT v.id, (SELECT string_agg(x.body, E'\\n' ORDER BY x.id) FROM (
    SELECT m.id, left(m.body, 2000) AS body FROM message m WHERE m.conversation_id = v.id AND m.direction = 'in'
    ORDER BY m.id DESC LIMIT greatest(1, least(v.unanswered, 5))) x)
FROM conversation v WHERE v.id = ANY(%(ids)s)
"""
_HISTORY = {
    "is_new": """
SELECT v.id, NOT EXISTS (SELECT FROM conversation w JOIN message m ON m.conversation_id = w.id
    WHERE w.contact_id = v.contact_id AND m.direction = 'in' AND m.created_at < v.sort_at)
FROM conversation v WHERE v.id = ANY(%(ids)s)
""",
    "texts_7": """
SELECT v.id, (SELECT count(*) FROM conversation w JOIN message m ON m.conversation_id = w.id
    WHERE w.contact_id = v.contact_id AND m.direction = 'in' AND m.created_at > %(at)s - interval '7 days')
FROM conversation v WHERE v.id = ANY(%(ids)s)
""",
    "talks_30": """
SELECT v.id, (SELECT count(*) FROM conversation w JOIN episode e ON e.conversation_id = w.id
    WHERE w.contact_id = v.contact_id AND e.opened_at > %(at)s - interval '30 days')
FROM conversation v WHERE v.id = ANY(%(ids)s)
""",
    "last_done": """
SELECT v.id, (SELECT max(e.closed_at) FROM conversation w JOIN episode e ON e.conversation_id = w.id
    WHERE w.contact_id = v.contact_id)
FROM conversation v WHERE v.id = ANY(%(ids)s)
""",
    "tag": """
SELECT v.id, ARRAY(SELECT t.tag_id::text FROM conversation_tag t WHERE t.conversation_id = v.id)
FROM conversation v WHERE v.id = ANY(%(ids)s)
""",
    "topic": """
SELECT v.id, ARRAY(SELECT o.topic_id::text FROM identity i JOIN optin_member o ON o.identity_id = i.id
    WHERE i.contact_id = v.contact_id AND o.state = 'joined')
FROM conversation v WHERE v.id = ANY(%(ids)s)
""",
    "consent": """
SELECT v.id, ARRAY(SELECT s.purpose FROM identity i JOIN consent_state s ON s.identity_id = i.id
    WHERE i.contact_id = v.contact_id AND s.change IN ('granted', 'confirmed')
      AND (s.expires_at IS NULL OR s.expires_at > %(at)s))
FROM conversation v WHERE v.id = ANY(%(ids)s)
""",
}
"""What was before, each asked for only when a rule is about it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """Facts of one conversation, and the team it is with."""

    facts: Facts
    team_id: int | None


def clock_for(workspace_id: int, at: datetime) -> Clock:
    """Now, in the workspace's days."""
    zone = Workspace.objects.filter(id=workspace_id).values_list("time_zone", flat=True).first() or "UTC"
    return Clock(at=at, zone=ZoneInfo(zone))


def facts_of(
    workspace_id: int,
    conversation_ids: Collection[int],
    *,
    rules: Iterable[RuleFacts],
    fields: Mapping[str, Field],
    at: datetime,
) -> dict[int, Known]:
    """What these rules ask of these conversations, in a few statements for all of them."""
    rules = list(rules)
    wanted = asked(rules)
    ids = list(conversation_ids)
    clock = clock_for(workspace_id, at)
    rows = _rows(_BASE, ids=ids, workspace=workspace_id)
    texts = dict(_rows(_TEXTS, ids=ids)) if wanted & {WORDS, TEXT, "sentiment"} else {}
    history = {key: dict(_rows(_HISTORY[key], ids=ids, at=at)) for key in wanted & _HISTORY.keys()}
    audiences = _audiences(workspace_id, {row[1] for row in rows}, rules, clock) if "audience" in wanted else {}
    calendars = calendars_of(workspace_id, at) if "is_open" in wanted else None
    found = {}
    for key, contact_id, _identity, channel_id, kind, team_id, language, properties, _since, _count in rows:
        text = texts.get(key) or ""
        values: dict[str, Fact] = {
            **moment_facts(clock),
            "channel": str(channel_id),
            "channel_kind": kind,
            "language": language or None,
            "sentiment": mood_of(text) if text else None,
            "audience": audiences.get(contact_id, frozenset()),
            **{name: _fact(told.get(key)) for name, told in history.items()},
            **_properties(properties, fields, wanted),
        }
        if calendars is not None:
            values["is_open"] = is_open(calendars.of(team_id, channel_id), at)
        found[key] = Known(facts=Facts(text=text, values=values), team_id=team_id)
    return found


def moment_facts(clock: Clock) -> dict[str, Fact]:
    """What day and hour it is there."""
    local = clock.at.astimezone(clock.zone)
    return {"weekday": str(local.weekday()), "hour": Decimal(local.hour)}


def _fact(value: Any) -> Fact:
    if isinstance(value, list):
        return frozenset(str(one) for one in value)
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return value if isinstance(value, (str, bool, datetime)) else None


def _properties(properties: Any, fields: Mapping[str, Field], wanted: Collection[str]) -> dict[str, Fact]:
    told = json.loads(properties) if isinstance(properties, str) else properties
    kept = told if isinstance(told, dict) else {}
    return {
        key: _typed(kept.get(key.removeprefix(PROPERTY)), fields[key].kind)
        for key in wanted
        if key.startswith(PROPERTY) and key in fields
    }


def _typed(value: object, kind: str) -> Fact:
    """A property in the form of its kind; older free text is no value of it."""
    text = "" if value is None else str(value)
    try:
        if kind == "number":
            return Decimal(text) if text else None
        if kind == "date":
            return date.fromisoformat(text) if text else None
    except (InvalidOperation, ValueError):
        return None
    return {"yes": True, "no": False}.get(text) if kind == "yes_no" else text or None


def _audiences(
    workspace_id: int, contact_ids: Collection[int], rules: Iterable[RuleFacts], clock: Clock
) -> dict[int, frozenset[str]]:
    """Which of the audiences the rules name each of these people is in."""
    names = {
        str(word)
        for rule in rules
        for one in rules_in(rule.conditions)
        if one.field == "audience" and isinstance(one.value, tuple)
        for word in one.value
    }
    by = system(workspace_id)
    found: dict[int, set[str]] = {}
    for row in Audience.objects.filter(
        workspace_id=workspace_id, id__in=[int(name) for name in names if name.isdecimal()]
    ):
        fields = audience_fields(by)
        try:
            wanted = Wanted(fields=fields, clock=clock, conditions=read(row.conditions, fields=fields))
        except Invalid:
            continue
        for contact_id in among(by, wanted, contact_ids):
            found.setdefault(contact_id, set()).add(str(row.pk))
    return {key: frozenset(words) for key, words in found.items()}


def last_agents(conversation_ids: Collection[int], *, at: datetime, within: timedelta) -> dict[int, int]:
    """The member who wrote last in each of these, if that was not longer ago than `within`."""
    rows = _rows(_LAST_AGENTS, ids=list(conversation_ids), since=at - within)
    return {key: member_id for key, member_id in rows if member_id is not None}


_LAST_AGENTS = """
SELECT v.id, (SELECT m.by_id FROM message m WHERE m.conversation_id = v.id AND m.direction = 'out'
                AND m.by_id IS NOT NULL AND m.created_at > %(since)s ORDER BY m.id DESC LIMIT 1)
FROM conversation v WHERE v.id = ANY(%(ids)s)
"""


def _rows(statement: str, **names: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, names)
        return list(cursor.fetchall())
