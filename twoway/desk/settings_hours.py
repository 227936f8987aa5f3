"""Settings, Hours: when somebody answers, by weekday, with public holidays and days of one's own."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.channels import queries as channels
from twoway.channels.queries import Channel
from twoway.desk import hours_draft
from twoway.desk.builders import hours as shown
from twoway.desk.builders import numbers
from twoway.desk.forms_hours import HoursForm
from twoway.desk.hours_draft import Draft
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib import words
from twoway.lib.refusal import Invalid, Refused
from twoway.lib.words import t
from twoway.teams import queries as teams
from twoway.teams.actor import Actor
from twoway.teams.hours import actions, queries
from twoway.teams.hours.actions import HoursWish
from twoway.teams.hours.queries import Hours
from twoway.teams.hours.week_rules import summary
from twoway.teams.rules import Right

MANAGE = Right.MANAGE_WORKSPACE
_PLACE = "place"
_LONGEST_PLACE = 10


@guard(MANAGE)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Every set of hours: the week, how it stands now, who keeps it."""
    actor, now = actor_of(request), timezone.now()
    workspace = teams.workspace_of(actor)
    rows = [
        {
            "hours": row,
            "lines": summary([queries.stretches(day) for day in row.week]),
            "now": shown.standing_of(queries.calendar_of(row, zone=workspace.time_zone, year=now.year), at=now),
            **_uses(actor, row, region=workspace.region),
        }
        for row in queries.every_hours(actor)
    ]
    return render(request, "desk/settings/hours.html", {"rows": rows, "workspace": workspace})


@guard(MANAGE)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """New hours. Monday to Friday, nine to five is suggested; nothing holds until it is saved."""
    return _edit(request, None)


@guard(MANAGE)
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, hours_id: int) -> HttpResponse:
    """One set of hours; POST saves it, or does what a button inside says and saves nothing."""
    return _edit(request, queries.access_hours(actor_of(request), hours_id))


@guard(MANAGE)
@require_POST
def delete(request: HttpRequest, hours_id: int) -> HttpResponse:
    """Remove a set of hours."""
    actor = actor_of(request)
    found = queries.access_hours(actor, hours_id)
    actions.delete_hours(by=actor, hours=found, at=timezone.now())
    say(request, t("{name} is gone.", name=found.name))
    return redirect("desk:settings_hours")


def _edit(request: HttpRequest, found: Hours | None) -> HttpResponse:
    actor, now = actor_of(request), timezone.now()
    workspace = teams.workspace_of(actor)
    today = now.astimezone(queries.zone_of((found.zone if found else "") or workspace.time_zone)).date()
    if request.method != "POST":
        draft = hours_draft.of_hours(found, since=today) if found else hours_draft.suggested()
        form = _form(workspace, found, initial=_initial(actor, workspace, found))
        return _page(request, form, draft, found, today=today)
    draft = _typed(request)
    given = {name: request.POST.get(name, "") for name in ("name", "zone", "country", "subdivision")}
    if button := request.POST.get("do", "")[:40].strip():
        draft.press(button)
        form = _form(workspace, found, initial={**given, "is_usual": "is_usual" in request.POST})
        return _page(request, form, draft, found, today=today)
    form = _form(workspace, found, data=request.POST)
    wish = _wish(form, draft, found, today=today)
    if wish is not None:
        try:
            saved = _save(actor, found, wish, is_usual=form.cleaned_data["is_usual"], at=now)
        except Refused as refused:
            if not (isinstance(refused, Invalid) and draft.refuse(refused.field, refused.sentence)):
                form.refuse(refused)
        else:
            say(request, t("{name}: saved.", name=saved.name))
            return redirect("desk:settings_hours")
    return _page(request, form, draft, found, today=today, status=422)


def _typed(request: HttpRequest) -> Draft:
    """The days as they were typed; holidays of another country begin anew."""
    is_same = request.POST.get(_PLACE, "") == request.POST.get("country", "")
    post = request.POST
    return hours_draft.of_form(
        post.dict(),
        marked=post.getlist("off"),
        shown=post.getlist("shown") if is_same else (),
        kept=post.getlist("kept") if is_same else (),
    )


def _wish(form: HoursForm, draft: Draft, found: Hours | None, *, today: date) -> HoursWish | None:
    """What is to be saved; None when something can't be used. Own days that are over stay as they are."""
    week, days = draft.hours(), draft.wishes()
    if not form.is_valid() or draft.wrong:
        return None
    typed = {day.day for day in days}
    over = [day for day in hours_draft.own_days(found) if day.day < today and day.day not in typed] if found else []
    given = form.cleaned_data
    fields = {name: given[name] for name in ("name", "zone", "country", "subdivision")}
    return HoursWish(**fields, week=week, worked=draft.worked if given["country"] else (), days=(*days, *over))


@transaction.atomic
def _save(actor: Actor, found: Hours | None, wish: HoursWish, *, is_usual: bool, at: datetime) -> Hours:
    if found is None:
        saved = actions.create_hours(by=actor, wish=wish, at=at)
    else:
        saved = actions.save_hours(by=actor, hours=found, wish=wish, at=at)
    was_usual = queries.usual_hours(actor.workspace_id) == saved.pk
    if was_usual != is_usual:
        actions.set_usual(by=actor, hours_id=saved.pk if is_usual else None, at=at)
    return saved


def _form(workspace: teams.Workspace, found: Hours | None, *, data: Any = None, initial: Any = None) -> HoursForm:
    source = data if data is not None else initial
    country = str(source.get("country") or "")[:2]
    own = found.zone if found else ""
    return HoursForm(data, zone=workspace.time_zone, own_zone=own, country=country, initial=initial)


def _initial(actor: Actor, workspace: teams.Workspace, found: Hours | None) -> dict[str, object]:
    """The first set is suggested for everybody, with the holidays of the workspace's country."""
    usual = queries.usual_hours(actor.workspace_id)
    if found is None:
        country = workspace.region if queries.is_country(workspace.region) else ""
        return {"country": country, "is_usual": usual is None}
    fields = ("name", "zone", "country", "subdivision")
    return {**{name: getattr(found, name) for name in fields}, "is_usual": usual == found.pk}


def _page(
    request: HttpRequest, form: HoursForm, draft: Draft, found: Hours | None, *, today: date, status: int = 200
) -> HttpResponse:
    actor = actor_of(request)
    workspace = teams.workspace_of(actor)
    country, subdivision = str(form["country"].value() or ""), str(form["subdivision"].value() or "")[:_LONGEST_PLACE]
    coming = queries.coming_holidays(country, subdivision, since=today, worked=draft.worked, language=words.current())
    lines = shown.holiday_lines(coming)
    context = {
        "form": form,
        "draft": draft,
        "found": found,
        "holidays": lines,
        "has_states": len(form["subdivision"].field.choices) > 1,  # type: ignore[attr-defined]
        "kept": sorted(set(draft.worked) - {line.name for line in lines}),
        "place": country,
        "now": _now(form, draft, workspace, country=country, subdivision=subdivision),
        **(_uses(actor, found, region=workspace.region) if found else {}),
        "close_url": reverse("desk:settings_hours"),
    }
    return render(request, "desk/settings/hours_edit.html", context, status=status)


def _now(
    form: HoursForm, draft: Draft, workspace: teams.Workspace, *, country: str, subdivision: str
) -> shown.Shown | None:
    """How what is typed would stand now; None while something in it can't be used."""
    tried = deepcopy(draft)
    tried.days = [day for day in tried.days if day.day]
    week, days = tried.hours(), tried.wishes()
    if tried.wrong:
        return None
    at = timezone.now()
    calendar = queries.built(
        zone=str(form["zone"].value() or "") or workspace.time_zone,
        week=week,
        country=country,
        subdivision=subdivision,
        worked=draft.worked,
        own={day.day: day.stretches for day in days},
        year=at.year,
    )
    return shown.standing_of(calendar, at=at)


def _uses(actor: Actor, row: Hours, *, region: str) -> dict[str, Any]:
    """Who keeps a set of hours."""
    found = channels.visible_channels(actor).filter(hours_id=row.pk, is_active=True)
    return {
        "is_usual": queries.usual_hours(actor.workspace_id) == row.pk,
        "teams": queries.teams_of(actor).get(row.pk, []),
        "numbers": [_number(one, region=region) for one in found],
    }


def _number(channel: Channel, *, region: str) -> dict[str, object]:
    return {"id": channel.pk, "label": numbers.label(channel, region=region)}
