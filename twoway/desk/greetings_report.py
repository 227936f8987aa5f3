"""How often what was said about waits was kept: by number, by queue, by week."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from twoway.desk.settings_frame import actor_of, guard
from twoway.desk.words import date_words
from twoway.lib.words import t, tn
from twoway.messaging.greeting import queries
from twoway.messaging.greeting.queries import Report, Row
from twoway.teams.rules import Right, may

SPANS = (4, 8, 26, 52)
USUAL = 8


@guard(Right.SEE_WORK)
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The report of the last weeks."""
    actor, now = actor_of(request), timezone.now()
    asked = request.GET.get("weeks", "")
    weeks = next((each for each in SPANS if str(each) == asked), USUAL)
    span = {"since": now - timedelta(weeks=weeks), "until": now}
    by_number = queries.report(actor, by="number", **span)
    stated = by_number.percentile
    tables = [
        {"title": t("By number"), "first": t("Number"), "rows": [_row(row, stated) for row in by_number.rows]},
        {"title": t("By week"), "first": t("Week of"), "rows": _rows(queries.report(actor, by="week", **span))},
        {"title": t("By queue"), "first": t("Queue"), "rows": _rows(queries.report(actor, by="queue", **span))},
    ]
    context = {
        "tiles": _tiles(by_number),
        "verdict": _verdict(by_number),
        "tables": tables,
        "spans": SPANS,
        "weeks": weeks,
        "may_set": may(actor, Right.MANAGE_WORKSPACE),
    }
    return render(request, "desk/settings/greetings_report.html", context)


def _tiles(report: Report) -> list[dict[str, str]]:
    total = report.total
    kept = tn("{n} promise settled", "{n} promises settled", total.kept.settled)
    running = tn("{n} running", "{n} running", report.running)
    over = tn("{n} was told: more than an hour", "{n} were told: more than an hour", report.open_ended)
    return [
        {"label": t("Kept"), "figure": _percent(total.kept.share), "words": f"{kept}, {running}"},
        {"label": t("Stated"), "figure": f"{report.percentile}%", "words": over},
        {"label": t("Said, on average"), "figure": _minutes(total.said_minutes), "words": t("of open time")},
        {
            "label": t("Took, on average"),
            "figure": _minutes(total.waited_minutes),
            "words": tn(
                "{n} person was told that it takes longer", "{n} people were told that it takes longer", total.warned
            ),
        },
    ]


def _verdict(report: Report) -> str:
    """Whether what is stated fits what was kept."""
    fits = report.total.kept.fits(report.percentile)
    if fits is None:
        return ""
    if fits:
        return t("What is stated lies within what these promises show.")
    if (report.total.kept.share or 0) * 100 > report.percentile:
        return t("More were kept than stated: waits are short, or what is said is careful.")
    return t("Fewer were kept than stated. What is said grows by itself until it fits.")


def _rows(report: Report) -> list[dict[str, Any]]:
    return [_row(row, report.percentile) for row in report.rows]


def _row(row: Row, stated: int) -> dict[str, Any]:
    label = row.label
    if not label and isinstance(row.key, str):
        label = date_words(date.fromisoformat(row.key), this_year=timezone.localdate().year)
    kept = row.kept
    has_interval = kept.low is not None and kept.high is not None
    return {
        "label": label or t("No queue"),
        "settled": kept.settled,
        "share": _percent(kept.share),
        "interval": f"{_percent(kept.low)} – {_percent(kept.high)}" if has_interval else "–",
        "fits": kept.fits(stated),
        "said": _minutes(row.said_minutes),
        "waited": _minutes(row.waited_minutes),
        "warned": row.warned or "–",
    }


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share * 100:.0f}%"


def _minutes(minutes: float | None) -> str:
    return "–" if minutes is None else t("{n} min", n=f"{minutes:.0f}")
