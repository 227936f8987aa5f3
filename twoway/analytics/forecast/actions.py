"""Counting half hours as they pass, and what a workspace staffs by."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction

from twoway.analytics.forecast.counting import count, handled
from twoway.analytics.forecast.expecting_rules import WEEKS, half_hour
from twoway.analytics.forecast.models import HalfHour, HalfHourMark, StaffingTerms
from twoway.analytics.forecast.queries import terms_of
from twoway.events.actions import audit
from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.models import Workspace
from twoway.teams.rules import Right, require

AGAIN = timedelta(hours=26)
"""What is counted again each time: answers still come to what arrived yesterday."""
AGAIN_AT_NIGHT = timedelta(days=8)
KEPT = timedelta(days=400)
BACK = timedelta(weeks=WEEKS)
LIMITS = {"target": (60, 86_400), "share": (50, 99), "handle": (10, 3600), "concurrency": (1, 20), "shrinkage": (0, 60)}
"""Least and most of each of the terms, in the units of `rules.Terms`."""


def count_all(*, at: datetime, again: timedelta = AGAIN) -> int:
    """Count what passed in every workspace that ever had a text; how many workspaces there were."""
    found = 0
    for workspace_id in Workspace.objects.order_by("id").values_list("id", flat=True):
        found += count_workspace(workspace_id=workspace_id, at=at, again=again)
    return found


def count_workspace(*, workspace_id: int, at: datetime, again: timedelta = AGAIN) -> bool:
    """Count what passed in one workspace, and `again` before that; False where there was never a text."""
    mark = HalfHourMark.objects.filter(workspace_id=workspace_id).first()
    first = _first(workspace_id, at=at) if mark is None else _since(mark, at=at, again=again)
    if first is None:
        return False
    count(workspace_id, first=first, until=at)
    known = handled(workspace_id, at=at, concurrency=terms_of(workspace_id).concurrency)
    HalfHourMark.objects.update_or_create(
        workspace_id=workspace_id,
        defaults={"counted_until": half_hour(at), "handle": known.seconds, "handle_from": known.source},
    )
    return True


def _first(workspace_id: int, *, at: datetime) -> datetime | None:
    """From when to count what nobody counted yet; None without any text. It looks at every conversation, so once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(created_at) FROM conversation WHERE workspace_id = %s", [workspace_id])
        began: datetime | None = cursor.fetchone()[0]
    return None if began is None else max(began, at - BACK)


def _since(mark: HalfHourMark, *, at: datetime, again: timedelta) -> datetime:
    since = min(mark.counted_until, at) - again
    return since if mark.brought_until is None else max(since, mark.brought_until)


def forget_old(*, at: datetime) -> int:
    """Delete half hours older than `KEPT`; answers how many."""
    return HalfHour.objects.filter(start__lt=at - KEPT).delete()[0]


@transaction.atomic
def set_terms(
    *, by: Actor, target: int, share: int, handle: int | None, concurrency: int, shrinkage: int, at: datetime
) -> StaffingTerms:
    """What the forecast reckons with, in the units of `rules.Terms`. Raises `NotAllowed`, `Invalid`."""
    require(by, Right.MANAGE_TEAMS)
    given = {"target": target, "share": share, "handle": handle, "concurrency": concurrency, "shrinkage": shrinkage}
    for name, value in given.items():
        least, most = LIMITS[name]
        if value is not None and not least <= value <= most:
            raise Invalid(t("Choose a number from {least} to {most}.", least=least, most=most), field=name)
    row, _ = StaffingTerms.objects.update_or_create(workspace_id=by.workspace_id, defaults=given)
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action="forecast.terms_set",
        subject=f"workspace {by.workspace_id}",
        data=given,
        at=at,
    )
    return row
