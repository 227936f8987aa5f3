"""Compliance, Quiet hours: today's hours by zone, the law of each state, a box to try a number, and the settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.compliance.purposes.rules import GIVEN
from twoway.compliance.quiet import actions, laws, queries, rules
from twoway.compliance.quiet.actions import HoursWanted, hour
from twoway.compliance.quiet.laws import Hours, Law, Window
from twoway.compliance.quiet.queries import QuietHours
from twoway.compliance.quiet.rules import QuietFacts
from twoway.contacts.queries import find_identity, visible_to
from twoway.desk.forms_quiet import QuietForm, TryForm, quiet_initial
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.desk.words import clock_words, date_words, until_words
from twoway.lib.refusal import Refused
from twoway.lib.words import noted, t
from twoway.sms import phone
from twoway.teams.actor import Actor
from twoway.teams.queries import workspace_of
from twoway.teams.rules import Right, may

TEMPLATE = "desk/compliance/quiet.html"
ZONES = (
    (noted("Eastern"), "America/New_York"),
    (noted("Central"), "America/Chicago"),
    (noted("Mountain"), "America/Denver"),
    (noted("Pacific"), "America/Los_Angeles"),
    (noted("Alaska"), "America/Anchorage"),
    (noted("Hawaii"), "Pacific/Honolulu"),
)
ASKED = GIVEN["reminder"]
"""What the box asks about: any text that answers nobody is treated the same."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One zone's day in minutes; `width` 0 is a day without any hours."""

    label: str
    start: int
    width: int
    now: int
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LawRow:
    """One state's law in words."""

    name: str
    weekdays: str
    saturday: str
    sunday: str
    holidays: str
    most: str
    since: str
    source: str
    disagree: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """What the box answers about one number."""

    number: str
    may: bool
    words: str
    opens: str
    places: tuple[str, ...]
    laws: tuple[str, ...]


@guard(Right.SEE_COMPLIANCE)
@require_safe
def quiet(request: HttpRequest) -> HttpResponse:
    """The hours today, the laws, and the box."""
    return _page(request)


@guard(Right.SEE_COMPLIANCE)
@require_POST
def attempt(request: HttpRequest) -> HttpResponse:
    """Whether a number may be texted now. Sent as a form, so that no number stands in an address or a log."""
    actor = actor_of(request)
    form = TryForm(request.POST)
    tried = None
    if form.is_valid():
        try:
            tried = _tried(actor, form.cleaned_data["number"], at=timezone.now())
        except phone.NotANumber as wrong:
            form.add_error("number", str(wrong))
    return _page(request, try_form=form, tried=tried, status=422 if form.errors else 200)


@guard(Right.MANAGE_COMPLIANCE)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest) -> HttpResponse:
    """The workspace's hours beside the page; POST changes them."""
    actor = actor_of(request)
    row = queries.access_hours(actor)
    form = QuietForm(request.POST or None, initial=quiet_initial(row.profile, _chosen(row)))
    if request.method == "POST" and form.is_valid():
        wanted = HoursWanted(
            profile=form.cleaned_data["profile"],
            weekdays=form.window("weekdays"),
            saturday=form.window("saturday"),
            sunday=form.window("sunday"),
            acknowledges=form.cleaned_data["acknowledges"],
        )
        try:
            actions.set_hours(wanted=wanted, at=timezone.now(), by=actor)
        except Refused as refused:
            form.refuse(refused, fields=[(day, f"{day}_to") for day in ("weekdays", "saturday", "sunday")])
        else:
            say(request, t("The quiet hours are set."))
            return redirect("desk:compliance_quiet")
    return _page(request, form=form, panel="edit", status=422 if form.errors else 200)


def _page(request: HttpRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
    actor = actor_of(request)
    at = timezone.now()
    row = queries.access_hours(actor)
    facts = QuietFacts(kind="phone", zones=(), regions=("US",), **queries.hours_of(actor.workspace_id))
    context = {
        "bars": [_bar(t(label), zone, facts, at) for label, zone in ZONES],
        "laws": [_law_row(law) for law in _current(at)],
        "hours": facts.house,
        "hours_words": _house(facts.house),
        "row": row,
        "is_legal": row.profile == "legal",
        "may_change": may(actor, Right.MANAGE_COMPLIANCE),
        "try_form": TryForm(),
        "panel": "",
        "close_url": reverse("desk:compliance_quiet"),
        **extra,
    }
    return render(request, TEMPLATE, context, status=status)


def _chosen(row: QuietHours) -> Hours:
    """What the workspace chose within the safe hours, also while the legal minimum is in use."""
    return Hours(
        weekdays=(row.weekday_from, row.weekday_to),
        saturday=_pair(row.saturday_from, row.saturday_to),
        sunday=_pair(row.sunday_from, row.sunday_to),
    )


def _pair(opens: int | None, closes: int | None) -> Window | None:
    return None if opens is None or closes is None else (opens, closes)


def _bar(label: str, zone: str, facts: QuietFacts, at: datetime) -> Bar:
    local = at.astimezone(ZoneInfo(zone))
    window = rules.window_on(facts, local.date())
    opens, closes = window or (0, 0)
    state = t("open") if rules.is_open(facts, zone, at) else t("quiet")
    when = t("open {hours}", hours=span(window)) if window else t("quiet all day")
    return Bar(
        label=label,
        start=opens,
        width=closes - opens,
        now=local.hour * 60 + local.minute,
        words=t("{zone}: {when}. Now {time}, {state}.", zone=label, when=when, time=clock_words(local), state=state),
    )


def span(window: Window | None) -> str:
    """Such as 9 AM to 8 PM, or Closed."""
    return t("{first} to {last}", first=hour(window[0]), last=hour(window[1])) if window else t("Closed")


def _house(hours: Hours) -> str:
    """The workspace's hours in a sentence."""
    usual = span(hours.weekdays)
    parts = [t("{hours} on weekdays", hours=usual)]
    if hours.saturday == hours.weekdays:
        parts = [t("{hours} on weekdays and Saturday", hours=usual)]
    elif hours.saturday:
        parts.append(t("{hours} on Saturday", hours=span(hours.saturday)))
    else:
        parts.append(t("not on Saturday"))
    if hours.sunday == hours.weekdays == hours.saturday:
        parts = [t("{hours} every day", hours=usual)]
    elif hours.sunday:
        parts.append(t("{hours} on Sunday", hours=span(hours.sunday)))
    else:
        parts.append(t("not on Sunday"))
    if not hours.on_holidays:
        parts.append(t("not on public holidays"))
    return ", ".join(parts)


def _current(at: datetime) -> list[Law]:
    """The row of each region that holds today, and the next one of a region that has none yet, by name."""
    today = at.date()
    regions = dict.fromkeys(law.region for law in laws.every())
    found = [laws.newest(laws.every(), region, today) for region in regions]
    return sorted((law for law in found if law is not None), key=lambda law: (law.region != "US", law.name))


def _law_row(law: Law) -> LawRow:
    return LawRow(
        name=law.name,
        weekdays=span(law.hours.weekdays),
        saturday=span(law.hours.saturday),
        sunday=span(law.hours.sunday),
        holidays=t("Like other days") if law.hours.on_holidays else t("Closed"),
        most=t("{n} in 24 hours", n=law.per_day) if law.per_day else "",
        since=date_words(law.since, this_year=0) if law.since else "",
        source=law.source,
        disagree=law.disagree,
    )


def _tried(actor: Actor, text: str, *, at: datetime) -> Tried:
    """Raises `NotANumber`."""
    workspace = workspace_of(actor)
    typed = phone.parse_typed(text, region=workspace.region)
    known = find_identity(actor.workspace_id, typed)
    facts = None
    if known is not None and visible_to(actor).filter(id=known.contact_id).exists():
        facts = queries.identity_facts(known.pk, at=at)
    if facts is None:
        facts = queries.facts_of_number(kind=typed.kind, value=typed.value, hours=queries.hours_of(actor.workspace_id))
    answer = rules.verdict(facts, rule=ASKED, at=at)
    today = timezone.localtime(at)
    return Tried(
        number=phone.pretty(typed.value, region=workspace.region),
        may=answer.kind == "allow",
        words=t(answer.for_agent),
        opens=until_words(timezone.localtime(answer.until), now=today) if answer.until else "",
        places=tuple(_place(facts, zone, at) for zone in facts.zones),
        laws=tuple(law.name for law in laws.in_force(facts.regions, at.date())),
    )


def _place(facts: QuietFacts, zone: str, at: datetime) -> str:
    local = at.astimezone(ZoneInfo(zone))
    state = t("open") if rules.is_open(facts, zone, at) else t("quiet")
    return f"{zone.replace('_', ' ')}: {clock_words(local)}, {state}"


def card(actor: Actor, *, at: datetime) -> dict[str, Any]:
    """The hours and three zones' days, for the overview."""
    facts = QuietFacts(kind="phone", zones=(), regions=("US",), **queries.hours_of(actor.workspace_id))
    bars = [_bar(t(label), zone, facts, at) for label, zone in ZONES]
    return {"bars": bars, "hours_words": _house(facts.house)}
