"""Settings, Escalation: what is given on by rule, and hints when to call; the test box of both and of routing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from twoway.channels.queries import visible_channels
from twoway.conversations.queries import Conversation, search
from twoway.desk.builders.chips import person
from twoway.desk.inbox_frame import id_of
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.conditions import Field, Node
from twoway.lib.conditions_words import phrase
from twoway.lib.words import t
from twoway.routing import queries as routing
from twoway.routing.escalation import actions, queries
from twoway.routing.escalation.rules import CLOCKS, SUGGESTED_HINTS, stored_words
from twoway.routing.words import why_words
from twoway.sms import phone
from twoway.teams.actor import Actor
from twoway.teams.queries import access_member, workspace_of
from twoway.teams.rules import Right

TEMPLATE, TEST = "desk/settings/escalation.html", "desk/settings/queue_test.html"
LONGEST_TEXT = 1600
_STEPS = {"up": -1, "down": 1}


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """A rule the test box looked at: whether it holds, and why not."""

    name: str
    is_match: bool
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What the test box says. `given` is who would get it now, `why` as it would be said; `told` is a sentence."""

    routed: tuple[Tried, ...]
    queue: str
    priority: int
    skills: str
    given: str
    why: str
    online: int
    free: int
    escalated: tuple[Tried, ...]
    acts: str
    hints: tuple[str, ...]
    who: str


@guard(Right.MANAGE_TEAMS)
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The rules and the hints."""
    actor = actor_of(request)
    fields = queries.fields_for(actor)
    asks = queries.fields_for(actor, with_clocks=False)
    kept = queries.hints(actor)
    taken = {one.sentence for one in kept}
    context = {
        "rules": [(one, stored_words(one.conditions, fields=fields), _does(one)) for one in queries.stored(actor)],
        "hints": [(one, stored_words(one.conditions, fields=asks)) for one in kept],
        "offered": [(one.key, t(one.sentence)) for one in SUGGESTED_HINTS if t(one.sentence) not in taken],
    }
    return render(request, TEMPLATE, context)


def _does(row: queries.EscalationRule) -> str:
    """What a rule does, in words; what is gone is said."""
    to = {"member": row.member, "team": row.team, "queue": row.queue}.get(row.gives)
    parts = []
    if row.gives == "manager":
        parts.append(t("to a manager"))
    elif row.gives:
        parts.append(t("to {name}", name=str(to)) if to is not None else t("to somebody who isn't there any more"))
    if row.tag is not None:
        parts.append(t("tags {tag}", tag=row.tag.name))
    if row.priority:
        parts.append(t("priority {n}", n=row.priority))
    if row.tells_managers:
        parts.append(t("notifies managers"))
    return ", ".join(parts)


@guard(Right.MANAGE_TEAMS)
@require_POST
def move(request: HttpRequest, rule_id: int) -> HttpResponse:
    """One place up or down."""
    actor = actor_of(request)
    found = queries.access_rule(actor, rule_id)
    step = _STEPS.get(request.POST.get("move", ""), 0)
    actions.move_rule(rule=found, step=step, by=actor, at=timezone.now())
    return redirect(f"{reverse('desk:settings_escalation')}#rule-{found.pk}")


@guard(Right.MANAGE_TEAMS)
@require_POST
def take_over(request: HttpRequest) -> HttpResponse:
    """Make an offered hint one's own."""
    actions.take_over_hint(key=request.POST.get("key", ""), by=actor_of(request), at=timezone.now())
    say(request, t("The hint is on. Change it as you like."))
    return redirect("desk:settings_escalation")


# The test box ---------------------------------------------------------------------------------------------------------


@guard(Right.MANAGE_TEAMS)
@require_safe
def test(request: HttpRequest) -> HttpResponse:
    """What would happen to a text; nothing is changed."""
    actor = actor_of(request)
    told = request.GET
    text = told.get("text", "").replace("\0", "")[:LONGEST_TEXT]
    numbers = [(one.pk, one.name or phone.pretty(one.address)) for one in visible_channels(actor)]
    channel = next((key for key, _ in numbers if key == id_of(told.get("channel", ""))), None)
    breached = next((key for key, _ in CLOCKS if key == told.get("breached")), "")
    wanted = told.get("who", "").replace("\0", "").strip()[:80]
    talk = _conversation(actor, wanted, channel) if wanted else None
    outcome = _outcome(actor, text, channel, talk, breached) if "text" in told and (not wanted or talk) else None
    context = {
        "text": text,
        "who": wanted,
        "numbers": numbers,
        "channel": channel,
        "clocks": [(key, t(words)) for key, words in CLOCKS],
        "breached": breached,
        "nobody": bool(wanted) and talk is None,
        "outcome": outcome,
    }
    return render(request, TEST, context)


def _conversation(actor: Actor, wanted: str, channel_id: int | None) -> Conversation | None:
    """The latest conversation with somebody of this name or number; with this number of ours, if they have one."""
    found = search(actor, wanted, region=workspace_of(actor).region, limit=20)
    return next((one for one in found if one.channel_id == channel_id), found[0] if found else None)


def _outcome(actor: Actor, text: str, channel_id: int | None, talk: Conversation | None, breached: str) -> Outcome:
    at = timezone.now()
    key = talk.pk if talk is not None else None
    known = routing.facts_for(actor, at=at, text=text, channel_id=channel_id, conversation_id=key)
    found = routing.explain(actor, known, at=at)
    rules = {one.pk: one for one in routing.rules(actor)}
    chosen = rules.get(found.rule_id or 0)
    asked = queries.test(actor, text=text, channel_id=channel_id, conversation=talk, breached=breached, at=at)
    matched = asked.decision.rule
    acting = queries.access_rule(actor, matched.id) if matched else None
    region = workspace_of(actor).region
    return Outcome(
        routed=tuple(_tried(one.name, one.is_match, one.failed, found.fields) for one in found.tried),
        queue=found.queue_name,
        priority=found.priority,
        skills=", ".join(f"{one.skill.name} {one.level}" for one in chosen.skills.all()) if chosen else "",
        given=str(access_member(actor, found.member_id)) if found.member_id else "",
        why=why_words(found.why, found.queue_name),
        online=found.online,
        free=found.free,
        escalated=tuple(_tried(one.rule.name, one.is_match, one.failed, asked.fields) for one in asked.decision.tried),
        acts=t("“{rule}” acts: {does}. {why}.", rule=acting.name, does=_does(acting), why=asked.why) if acting else "",
        hints=tuple(one.sentence for one in asked.hints),
        who=person(talk, region=region, to=actor).name if talk is not None else "",
    )


def _tried(name: str, is_match: bool, failed: tuple[Node, ...], fields: Mapping[str, Field]) -> Tried:
    """A rule with the conditions that were not true."""
    try:
        words = "; ".join(phrase(one, fields) for one in failed)
    except KeyError:
        words = t("about something that isn't there any more")
    return Tried(name=name, is_match=is_match, why=words)
