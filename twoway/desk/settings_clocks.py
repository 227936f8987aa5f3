"""Settings, Reply times: how soon customers are to be answered, in order, and what would hold for a conversation."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.channels.queries import visible_channels
from twoway.contacts.audiences.queries import audiences
from twoway.conversations import queries as conversations
from twoway.desk.builders import chips
from twoway.desk.forms_clocks import PolicyForm, initial_of
from twoway.desk.inbox_frame import id_of
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.desk.words import effort_words
from twoway.lib.refusal import NotFound, Refused
from twoway.lib.words import t, tn
from twoway.sla import actions, queries
from twoway.sla.clock_rules import KIND_WORDS, KINDS
from twoway.sla.queries import Policy
from twoway.sms import phone
from twoway.teams import queries as teams
from twoway.teams.actor import Actor
from twoway.teams.rules import Right

TEMPLATE = "desk/settings/clocks.html"
MANAGE = Right.MANAGE_WORKSPACE
DAYS = 30
_FIELDS = (("channel", "channels"), ("team", "teams"))


@guard(MANAGE)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The policies in order, how often they were kept lately, and the test."""
    return _page(request)


@guard(MANAGE)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A new policy; it comes before the last one, which is for everybody else."""
    actor = actor_of(request)
    form = _form(actor, request.POST or None, None)
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.create_policy(wish=form.wish, by=actor, at=timezone.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("{name} is there.", name=row.name))
            return redirect("desk:settings_clocks")
    return _page(request, form=form, panel="add", status=422 if form.errors else 200)


@guard(MANAGE)
@require_http_methods(["GET", "POST"])
def policy(request: HttpRequest, policy_id: int) -> HttpResponse:
    """One policy beside the list; POST changes it, and clocks that run are set anew."""
    actor = actor_of(request)
    found = queries.access_policy(actor, policy_id)
    form = _form(actor, request.POST or None, found)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_policy(policy=found, wish=form.wish, by=actor, at=timezone.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("{name}: saved.", name=found.name))
            return redirect("desk:settings_clocks")
    return _page(request, form=form, panel="policy", chosen=found, status=422 if form.errors else 200)


@guard(MANAGE)
@require_POST
def move(request: HttpRequest, policy_id: int) -> HttpResponse:
    """One place up or down."""
    actor = actor_of(request)
    found = queries.access_policy(actor, policy_id)
    actions.move_policy(policy=found, up=request.POST.get("up") == "1", by=actor, at=timezone.now())
    return redirect("desk:settings_clocks")


@guard(MANAGE)
@require_POST
def delete(request: HttpRequest, policy_id: int) -> HttpResponse:
    """Remove a policy."""
    actor = actor_of(request)
    found = queries.access_policy(actor, policy_id)
    try:
        actions.delete_policy(policy=found, by=actor, at=timezone.now())
    except Refused as refused:
        say(request, refused.sentence)
    else:
        say(request, t("{name} is gone. The next one that fits counts.", name=found.name))
    return redirect("desk:settings_clocks")


def _page(request: HttpRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
    actor, now = actor_of(request), timezone.now()
    actions.ensure_default(actor.workspace_id, at=now)
    rows = queries.policies(actor)
    context = {
        "rows": [{"policy": row, "goals": goals_of(row), "aims": _aims(actor, row)} for row in rows],
        "last_own": len(rows) - 2,
        "kept": _kept(actor, now),
        "days": DAYS,
        "tested": _tested(actor, request.GET.get("conversation", ""), now),
        "asked": request.GET.get("conversation", "")[:200],
        "panel": "",
        "close_url": reverse("desk:settings_clocks"),
        "now": now,
        **extra,
    }
    return render(request, TEMPLATE, context, status=status)


def _form(actor: Actor, given: Any, row: Policy | None) -> PolicyForm:
    region = teams.workspace_of(actor).region
    channels = [(one.pk, one.name or phone.pretty(one.address, region=region)) for one in visible_channels(actor)]
    return PolicyForm(
        given,
        channels=channels,
        teams=list(teams.teams(actor).values_list("id", "name")),
        audiences=[(one.pk, one.name) for one in audiences(actor)],
        initial=initial_of(row),
    )


def goals_of(row: Policy) -> list[str]:
    """What a policy promises, in short sentences."""
    minutes = ((row.first_minutes, "first"), (row.next_minutes, "next"), (row.resolution_minutes, "resolution"))
    told = [
        t("{what} within {time}", what=t(KIND_WORDS[kind]), time=length_words(value))
        for value, kind in minutes
        if value is not None
    ]
    if row.same_day:
        told.append(t(KIND_WORDS["same_day"]))
    if row.wrap_up_hours is not None:
        told.append(t("Wrap up after {time} of quiet", time=length_words(row.wrap_up_hours * 60)))
    return told


def length_words(minutes: int) -> str:
    """A length of time without parts that are none: "45 min", "2 h", "1 h 30 min", "3 days"."""
    hours, rest = divmod(minutes, 60)
    if not rest and hours % 24 == 0 and hours >= 48:
        return tn("{n} day", "{n} days", hours // 24)
    return effort_words(minutes * 60) if rest or not hours else t("{n} h", n=hours)


def _aims(actor: Actor, row: Policy) -> list[str]:
    """Whom it is for, by name."""
    region = teams.workspace_of(actor).region
    found = [one.name or phone.pretty(one.address, region=region) for one in row.channels.all()]
    found += [one.name for one in row.teams.all()]
    if row.is_for_audience:
        found.append(row.audience.name if row.audience else t("An audience that is gone"))
    return found


def _kept(actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """How often each kind of promise was kept in the last days."""
    found = queries.attainment(actor.workspace_id, start=now - timedelta(days=DAYS), end=now, at=now)
    return [
        {"label": t(KIND_WORDS[kind]), "met": one.met, "of": one.met + one.breached, "percent": round(100 * one.share)}
        for kind in KINDS
        if (one := found.get(kind)) is not None and one.share is not None
    ]


def _tested(actor: Actor, asked: str, now: datetime) -> dict[str, Any] | None:
    """What would hold for a conversation, named by its number in the address or by the person's name or number."""
    words = asked.replace("\0", "").strip()[:200]
    if not words:
        return None
    talk = _talk(actor, words)
    if talk is None:
        return {"problem": t("No conversation like this was found.")}
    found, clocks = queries.would_be(talk, at=now)
    person = chips.person(talk, region=teams.workspace_of(actor).region, to=actor).name
    shown = [{"label": t(KIND_WORDS[one.kind]), "due": one.due_at, "warn": one.warn_at} for one in clocks]
    return {"problem": "", "id": talk.pk, "person": person, "policy": found, "clocks": shown}


def _talk(actor: Actor, words: str) -> conversations.Conversation | None:
    key = id_of(words.rstrip("/").rpartition("/")[2])
    if key:
        try:
            return conversations.access_conversation(actor, key)
        except NotFound:
            return None
    region = teams.workspace_of(actor).region
    return next(iter(conversations.search(actor, words, region=region, limit=1)), None)
