"""Settings, Queues: lines of conversations, the rules that fill them, who can what, and the test box."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.desk.forms_queues import PersonForm, QueueForm, RoutingForm, number_of
from twoway.desk.inbox_frame import id_of
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.ordering import moved
from twoway.lib.refusal import Refused
from twoway.lib.words import t, tn
from twoway.routing import actions, queries
from twoway.routing.escalation.rules import stored_words
from twoway.teams.actor import Actor
from twoway.teams.queries import Member, access_member, member_may, members
from twoway.teams.rules import Right

TEMPLATE, PEOPLE = "desk/settings/queues.html", "desk/settings/queue_people.html"
_STEPS = {"up": -1, "down": 1}
MOST_NAMES = 5


@guard(Right.MANAGE_TEAMS)
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Queues and rules."""
    return _page(request)


@guard(Right.MANAGE_TEAMS)
@require_http_methods(["GET", "POST"])
def queue(request: HttpRequest, queue_id: int | None = None) -> HttpResponse:
    """A new queue beside the list, or one that is there."""
    actor = actor_of(request)
    found = queries.access_queue(actor, queue_id) if queue_id else None
    form = QueueForm(request.POST or None, actor=actor, queue=found, initial=_initial(found))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        wish = actions.QueueWish(
            **{**given, "team_id": number_of(given["team_id"]), "overflow_id": number_of(given["overflow_id"])}
            | {"priority": int(given["priority"])}
        )
        try:
            kept = actions.save_queue(wish=wish, by=actor, at=timezone.now(), queue_id=queue_id)
        except Refused as refused:
            form.refuse(refused, fields=[("overflow", "overflow_id")])
        else:
            say(request, t("{name}: saved.", name=kept.name))
            return redirect("desk:settings_queues")
    status = 422 if form.errors else 200
    others = [one for one in queries.queues(actor) if found and one.pk != found.pk]
    return _page(request, form=form, panel="queue", chosen=found, others=others, status=status)


def _initial(found: queries.Queue | None) -> dict[str, Any]:
    row = found or queries.Queue(is_active=True)
    names = ("name", "mode", "strategy", "ageing_minutes", "last_agent_minutes", "skill_minutes", "is_default")
    told = {name: getattr(row, name) for name in (*names, "is_active")}
    ids = {"team_id": str(row.team_id or ""), "overflow_id": str(row.overflow_id or "")}
    return told | ids | {"priority": str(row.priority)}


@guard(Right.MANAGE_TEAMS)
@require_POST
def delete(request: HttpRequest, queue_id: int) -> HttpResponse:
    """Delete a queue; those who wait move to the one that is chosen, or are routed anew."""
    actor = actor_of(request)
    found = queries.access_queue(actor, queue_id)
    name = found.name
    into = id_of(request.POST.get("into", ""))
    moved = actions.delete_queue(queue=found, by=actor, at=timezone.now(), into_id=into)
    words = t("{name} is gone.", name=name)
    if moved:
        words += " " + tn("{n} conversation waits elsewhere.", "{n} conversations wait elsewhere.", moved)
    say(request, words)
    return redirect("desk:settings_queues")


@guard(Right.MANAGE_TEAMS)
@require_POST
def move(request: HttpRequest, rule_id: int) -> HttpResponse:
    """One place up or down among the rules."""
    actor = actor_of(request)
    found = queries.access_rule(actor, rule_id)
    order = _moved(request, [one.pk for one in queries.rules(actor)], found.pk)
    if order is not None:
        actions.order_rules(rule_ids=order, by=actor, at=timezone.now())
    return redirect(f"{reverse('desk:settings_queues')}#rule-{found.pk}")


@guard(Right.MANAGE_TEAMS)
@require_POST
def move_queue(request: HttpRequest, queue_id: int) -> HttpResponse:
    """One place up or down among the queues."""
    actor = actor_of(request)
    found = queries.access_queue(actor, queue_id)
    order = _moved(request, [one.pk for one in queries.queues(actor)], found.pk)
    if order is not None:
        actions.order_queues(queue_ids=order, by=actor, at=timezone.now())
    return redirect(f"{reverse('desk:settings_queues')}#queue-{found.pk}")


def _moved(request: HttpRequest, keys: list[int], key: int) -> list[int] | None:
    return moved(keys, key, step=_STEPS.get(request.POST.get("move", ""), 0))


@guard(Right.MANAGE_TEAMS)
@require_POST
def general(request: HttpRequest) -> HttpResponse:
    """What holds for all queues."""
    form = RoutingForm(request.POST)
    if form.is_valid():
        actions.change_settings(changes=form.cleaned_data, by=actor_of(request), at=timezone.now())
        say(request, t("Saved."))
        return redirect("desk:settings_queue_people")
    return _people(request, general=form, status=422)


def _page(request: HttpRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
    actor = actor_of(request)
    fields = queries.fields_for(actor)
    states = {one.id: one for one in queries.state_of(actor.workspace_id, timezone.now())}
    rows = queries.queues(actor)
    context = {
        "lines": [(one, states.get(one.pk)) for one in rows],
        "empty": _empty(actor, [one for one in rows if one.pk in states and not states[one.pk].online], states),
        "rules": [(one, stored_words(one.conditions, fields=fields)) for one in queries.rules(actor)],
        "panel": "",
        "close_url": reverse("desk:settings_queues"),
        **extra,
    }
    return render(request, TEMPLATE, context, status=status)


@dataclass(frozen=True, kw_only=True, slots=True)
class Empty:
    """Queues nobody is online for, of the same people: how many wait, who could be, and whether this reader is one."""

    queues: str
    waiting: int
    names: str
    is_own: bool


def _empty(actor: Actor, rows: list[queries.Queue], states: Mapping[int, queries.QueueState]) -> list[Empty]:
    """What is said above the list, one line for all queues of the same people."""
    people = [one for one in members(actor) if member_may(one, Right.REPLY)] if rows else []
    by_people: dict[tuple[int, ...], list[queries.Queue]] = {}
    for row in rows:
        by_people.setdefault(tuple(one.pk for one in people if _serves(one, row)), []).append(row)
    return [
        Empty(
            queues=", ".join(row.name for row in alike),
            waiting=sum(states[row.pk].waiting for row in alike),
            names=_some([one for one in people if one.pk in keys]),
            is_own=actor.member_id in keys,
        )
        for keys, alike in by_people.items()
    ]


def _serves(member: Member, row: queries.Queue) -> bool:
    return row.team_id is None or row.team_id in {team.pk for team in member.teams.all()}


def _some(people: list[Member]) -> str:
    """A handful of names, and how many more there are."""
    names, more = ", ".join(str(one) for one in people[:MOST_NAMES]), len(people) - MOST_NAMES
    return tn("{names} and {n} more", "{names} and {n} more", more, names=names) if more > 0 else names


# People ---------------------------------------------------------------------------------------------------------------


@guard(Right.MANAGE_TEAMS)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Who can what, and how much they get."""
    return _people(request)


@guard(Right.MANAGE_TEAMS)
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, member_id: int) -> HttpResponse:
    """One member beside the list."""
    actor = actor_of(request)
    found = access_member(actor, member_id)
    form = PersonForm(request.POST or None, actor=actor, initial=_skills(actor, found.pk))
    if request.method == "POST" and form.is_valid():
        at = timezone.now()
        actions.set_capacity(member_id=found.pk, capacity=form.cleaned_data["capacity"], by=actor, at=at)
        actions.set_skills(member_id=found.pk, levels=form.levels(), by=actor, at=at)
        say(request, t("{name}: saved.", name=str(found)))
        return redirect("desk:settings_queue_people")
    return _people(request, form=form, panel="person", chosen=found, status=422 if form.errors else 200)


def _skills(actor: Actor, member_id: int) -> dict[str, Any]:
    levels = queries.skills_by_member(actor.workspace_id).get(member_id, {})
    kept = queries.capacity_of(actor.workspace_id, [member_id], at=timezone.now())[member_id]
    told: dict[str, Any] = {f"skill-{key}": str(level) for key, level in levels.items()}
    return told | {"capacity": kept.capacity if kept.is_own else None}


@guard(Right.MANAGE_TEAMS)
@require_POST
def skill_add(request: HttpRequest) -> HttpResponse:
    """A new skill."""
    try:
        made = actions.save_skill(name=request.POST.get("name", ""), by=actor_of(request), at=timezone.now())
    except Refused as refused:
        return _people(request, error=refused.sentence, status=422)
    say(request, t("{name} is there.", name=made.name))
    return redirect("desk:settings_queue_people")


@guard(Right.MANAGE_TEAMS)
@require_POST
def skill_delete(request: HttpRequest, skill_id: int) -> HttpResponse:
    """Delete a skill."""
    actor = actor_of(request)
    found = queries.access_skill(actor, skill_id)
    actions.delete_skill(skill=found, by=actor, at=timezone.now())
    say(request, t("Deleted {name}.", name=found.name))
    return redirect("desk:settings_queue_people")


def _people(request: HttpRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
    actor = actor_of(request)
    rows = [one for one in members(actor) if member_may(one, Right.REPLY)]
    known = queries.skills(actor)
    names = {one.pk: one.name for one in known}
    levels = queries.skills_by_member(actor.workspace_id)
    room = queries.capacity_of(actor.workspace_id, [one.pk for one in rows], at=timezone.now())
    chosen = queries.settings_of(actor.workspace_id)
    kept = {name: getattr(chosen, name) for name in RoutingForm.base_fields}
    context = {
        "rows": [(one, room[one.pk], _told(levels.get(one.pk, {}), names)) for one in rows],
        "skills": known,
        "general": RoutingForm(initial=kept),
        "panel": "",
        "close_url": reverse("desk:settings_queue_people"),
        **extra,
    }
    return render(request, PEOPLE, context, status=status)


def _told(levels: dict[int, int], names: dict[int, str]) -> str:
    return ", ".join(f"{names[key]} {level}" for key, level in levels.items() if key in names)
