"""Settings, Costs: what was spent by day, number and team, and the budgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.channels.queries import access_channel, visible_channels
from twoway.desk.forms_costs import BudgetForm
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.desk.words import date_words
from twoway.lib.days import short_day
from twoway.lib.refusal import Refused
from twoway.lib.words import t, tn
from twoway.messaging.cost import actions, queries, rules
from twoway.messaging.cost.queries import Budget, Price, Span, Spent, Standing
from twoway.sms import phone
from twoway.teams import queries as teams
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, may

TEMPLATE = "desk/settings/costs.html"
SPANS = (7, 30, 90)
USUAL = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Tile:
    """One figure: a line for each currency."""

    label: str
    figures: tuple[str, ...]
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One day, number or team in one currency. `share` is in percent of the largest line of that currency."""

    label: str
    detail: str
    amount: str
    texts: int
    share: int


@dataclass(frozen=True, kw_only=True, slots=True)
class BudgetRow:
    """A budget as the page shows it. `percent` is shown as it is, `filled` never beyond 100."""

    id: int
    scope: str
    period: str
    spent: str
    amount: str
    percent: int
    filled: int
    level: str
    stops: bool
    replies_always: bool


@guard(Right.SEE_COSTS)
@require_safe
def costs(request: HttpRequest) -> HttpResponse:
    """What was spent, and how the budgets stand."""
    return _page(request)


@guard(Right.MANAGE_COSTS)
@require_http_methods(["GET", "POST"])
def budget_add(request: HttpRequest) -> HttpResponse:
    """Set a budget."""
    actor = actor_of(request)
    form = BudgetForm(request.POST or None, scopes=_scopes(actor), initial={"scope": "workspace"})
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_budget(by=actor, terms=_terms(actor, form.cleaned_data), at=timezone.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("The budget is set."))
            return redirect("desk:settings_costs")
    return _page(request, form=form, panel="add", status=422 if form.errors else 200)


@guard(Right.MANAGE_COSTS)
@require_http_methods(["GET", "POST"])
def budget(request: HttpRequest, budget_id: int) -> HttpResponse:
    """One budget beside the page; POST changes it."""
    actor = actor_of(request)
    found = queries.access_budget(actor, budget_id)
    form = BudgetForm(request.POST or None, scopes=_scopes(actor), initial=_initial(found))
    if request.method == "POST" and form.is_valid():
        try:
            terms = _terms(actor, form.cleaned_data)
            actions.change_budget(by=actor, budget=found, terms=terms, at=timezone.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("The budget is changed."))
            return redirect("desk:settings_costs")
    return _page(request, form=form, panel="budget", chosen=found, status=422 if form.errors else 200)


@guard(Right.MANAGE_COSTS)
@require_POST
def budget_delete(request: HttpRequest, budget_id: int) -> HttpResponse:
    """Remove a budget."""
    actor = actor_of(request)
    actions.delete_budget(by=actor, budget=queries.access_budget(actor, budget_id), at=timezone.now())
    say(request, t("The budget is gone."))
    return redirect("desk:settings_costs")


def _page(request: HttpRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
    actor = actor_of(request)
    now = timezone.now()
    today = queries.today(actor, now)
    days = _days(request)
    since = today - timedelta(days=days - 1)
    names = _names(actor)
    by_number = queries.spent(actor, by="number", since=since, until=today)
    by_team = queries.spent(actor, by="team", since=since, until=today)
    standings = queries.standings(actor, at=now)
    context = {
        "tiles": _tiles(actor, since=since, today=today),
        "days": days,
        "spans": SPANS,
        "budgets": [_budget_row(one, names) for one in standings],
        "by_day": _lines(reversed_days(queries.spent(actor, by="day", since=since, until=today)), _day_name(today)),
        "by_number": _lines(_largest(by_number), names["number"]),
        "by_team": _lines(_largest(by_team), names["team"]),
        "may_change": may(actor, Right.MANAGE_COSTS),
        "panel": "",
        "close_url": reverse("desk:settings_costs"),
        **extra,
    }
    return render(request, TEMPLATE, context, status=status)


def _days(request: HttpRequest) -> int:
    told = request.GET.get("days", "")
    return int(told) if told in {str(days) for days in SPANS} else USUAL


def reversed_days(rows: Sequence[Spent]) -> list[Spent]:
    """The newest day first; within one day the currencies keep their order."""
    days = sorted({row.key for row in rows if isinstance(row.key, date)}, reverse=True)
    return [row for day in days for row in rows if row.key == day]


def _largest(rows: Sequence[Spent]) -> list[Spent]:
    return sorted(rows, key=lambda row: (row.currency == "", -row.amount))


class _DayNames(dict[object, str]):
    """What a day is called."""

    def __init__(self, today: date) -> None:
        super().__init__()
        self._today = today

    def __missing__(self, key: object) -> str:
        if not isinstance(key, date):
            return ""
        if key == self._today:
            return t("Today")
        return f"{short_day(key)} {date_words(key, this_year=self._today.year)}"


def _day_name(today: date) -> Mapping[object, str]:
    return _DayNames(today)


def _lines(rows: Sequence[Spent], names: Mapping[object, str]) -> list[Line]:
    most: dict[str, Any] = {}
    for row in rows:
        most[row.currency] = max(most.get(row.currency, row.amount), row.amount)
    return [
        Line(
            label=names[row.key] if isinstance(names, _DayNames) else names.get(row.key, t("A former one")),
            detail="" if row.currency else t("No price known"),
            amount=rules.words(Price(amount=row.amount, currency=row.currency)) if row.currency else "",
            texts=row.texts,
            share=int(row.amount * 100 / most[row.currency]) if most[row.currency] else 0,
        )
        for row in rows
    ]


def _names(actor: Actor) -> dict[str, dict[object, str]]:
    region = teams.workspace_of(actor).region
    numbers: dict[object, str] = {
        channel.pk: channel.name or phone.pretty(channel.address, region=region) for channel in visible_channels(actor)
    }
    groups: dict[object, str] = {team.pk: team.name for team in teams.teams(actor)}
    return {"number": numbers, "team": {0: t("No team"), **groups}}


def _tiles(actor: Actor, *, since: date, today: date) -> tuple[Tile, ...]:
    whole = queries.span(actor, since=since, until=today)
    day = queries.span(actor, since=today, until=today)
    month = queries.span(actor, since=today.replace(day=1), until=today)
    return (
        Tile(label=t("Today"), figures=_figures(day.totals), words=_texts(day)),
        Tile(label=t("This month"), figures=_figures(month.totals), words=_texts(month)),
        Tile(
            label=t("Each conversation"),
            figures=_figures(whole.each(whole.conversations)),
            words=t("{conversations:,} with texts", conversations=whole.conversations),
        ),
        Tile(
            label=t("Each one resolved"),
            figures=_figures(whole.each(whole.resolved)),
            words=t("{resolved:,} marked done", resolved=whole.resolved),
        ),
    )


def _figures(prices: Sequence[Price]) -> tuple[str, ...]:
    return tuple(rules.words(price) for price in prices)


def _texts(span: Span) -> str:
    words = tn("{n:,} text", "{n:,} texts", span.texts)
    return t("{texts}, {n:,} without a price", texts=words, n=span.unpriced) if span.unpriced else words


# Budgets ----------------------------------------------------------------------------------------------------------


def _budget_row(one: Standing, names: Mapping[str, Mapping[object, str]]) -> BudgetRow:
    row, state = one.budget, one.state
    if row.team_id is not None:
        scope = t("Team {name}", name=names["team"].get(row.team_id, ""))
    elif row.channel_id is not None:
        scope = names["number"].get(row.channel_id, t("A number"))
    else:
        scope = t("The whole workspace")
    return BudgetRow(
        id=row.pk,
        scope=scope,
        period=t("Each month") if row.period == "month" else t("Each day"),
        spent=rules.words(Price(amount=state.spent, currency=state.currency)),
        amount=rules.words(Price(amount=state.amount, currency=state.currency)),
        percent=state.percent,
        filled=min(state.percent, 100),
        level=state.level,
        stops=row.stops,
        replies_always=row.replies_always,
    )


def _scopes(actor: Actor) -> list[tuple[str, str]]:
    names = _names(actor)
    numbers = [(f"number-{key}", t("Number: {name}", name=name)) for key, name in names["number"].items()]
    groups = [(f"team-{key}", t("Team: {name}", name=name)) for key, name in names["team"].items() if key]
    return [("workspace", t("The whole workspace")), *groups, *numbers]


def _initial(found: Budget) -> dict[str, Any]:
    scope = "workspace"
    if found.team_id is not None:
        scope = f"team-{found.team_id}"
    elif found.channel_id is not None:
        scope = f"number-{found.channel_id}"
    names = ("period", "amount", "currency", "warn_share", "stops", "replies_always")
    return {"scope": scope, **{name: getattr(found, name) for name in names}}


def _terms(actor: Actor, given: Mapping[str, Any]) -> actions.BudgetTerms:
    kind, _, key = str(given["scope"]).partition("-")
    return actions.BudgetTerms(
        amount=given["amount"],
        currency=given["currency"],
        period=given["period"],
        team=teams.access_team(actor, int(key)) if kind == "team" else None,
        channel=access_channel(actor, int(key)) if kind == "number" else None,
        warn_share=given["warn_share"],
        stops=given["stops"],
        replies_always=given["replies_always"],
    )
