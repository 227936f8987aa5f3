"""The staffing forecast: the coming days, whom they take, and how the last ones were."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from twoway.analytics.forecast import actions, queries
from twoway.analytics.forecast.queries import Day, Forecast
from twoway.analytics.wallboard.queries import may_see
from twoway.desk.builders import forecast as build
from twoway.desk.forms_wallboard import TermsForm
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.refusal import Refused
from twoway.lib.sheets import line
from twoway.lib.words import t
from twoway.teams.rules import Right, may

TEMPLATE = "desk/forecast/page.html"


@guard(Right.SEE_WORK)
@require_safe
def forecast(request: HttpRequest) -> HttpResponse:
    """The days, and the half hours of the one that is asked for."""
    return _page(request)


@guard(Right.SEE_WORK)
@require_safe
def forecast_csv(request: HttpRequest) -> HttpResponse:
    """Every half hour of it, for a spreadsheet."""
    told = queries.forecast(actor_of(request), at=timezone.now())
    lines = [line(build.COLUMNS), *(line(row) for row in build.rows(told))]
    answer = HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="forecast-{told.at:%Y-%m-%d}.csv"'
    return answer


@guard(Right.MANAGE_TEAMS)
@require_POST
def forecast_terms(request: HttpRequest) -> HttpResponse:
    """Change what it reckons with."""
    form = TermsForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            actions.set_terms(
                by=actor_of(request),
                target=60 * given["target"],
                share=given["share"],
                handle=given["handle"],
                concurrency=given["concurrency"],
                shrinkage=given["shrinkage"],
                at=timezone.now(),
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("Saved. The forecast reckons with it from now on."))
            return redirect("desk:forecast")
    return _page(request, form=form, status=422)


def _page(request: HttpRequest, *, form: TermsForm | None = None, status: int = 200) -> HttpResponse:
    actor = actor_of(request)
    told = queries.forecast(actor, at=timezone.now())
    day = _chosen(request, told)
    context = {
        "days": build.days(told, chosen=day.day),
        "day": day.day,
        "day_label": build.day_words(day.day, today=told.at.astimezone(told.calendar.zone).date()),
        "halves": build.halves(day, told),
        "chart": build.chart(day, told),
        "reckoned": build.reckoned(told),
        "told": told,
        "sees_board": may_see(actor),
        "form": (form or TermsForm(initial=_initial(told))) if may(actor, Right.MANAGE_TEAMS) else None,
    }
    return render(request, TEMPLATE, context, status=status)


def _chosen(request: HttpRequest, told: Forecast) -> Day:
    """The day that was asked for, else today."""
    try:
        found = told.on(date.fromisoformat(request.GET.get("day", "")[:10]))
    except ValueError:
        found = None
    today = told.on(told.at.astimezone(told.calendar.zone).date())
    return found or today or told.days[0]


def _initial(told: Forecast) -> dict[str, Any]:
    return {
        "target": told.terms.target // 60,
        "share": told.terms.share,
        "handle": round(told.terms.handle) if told.is_handle_own else None,
        "concurrency": told.terms.concurrency,
        "shrinkage": told.terms.shrinkage,
    }
