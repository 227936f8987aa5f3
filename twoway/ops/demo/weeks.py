"""The demo's last weeks as the staffing forecast knows them: how many came in each half hour, and how soon they heard.

Only these counts are made up; the texts behind them are not there, so they are brought along and not counted again.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from math import exp, sin
from zoneinfo import ZoneInfo

from twoway.analytics.forecast import actions
from twoway.analytics.forecast.expecting_rules import HALF, half_hour, halves
from twoway.analytics.forecast.models import HalfHour, HalfHourMark
from twoway.ops.demo.threads import Cast
from twoway.teams.models import Workspace

WEEKS = 8
OPEN, CLOSED = 7, 20
BUSIEST = 18.0
"""Customers in the half hour around eleven on a weekday."""


def remember(*, cast: Cast, workspace: Workspace, at: datetime) -> None:
    """Eight weeks up to now, the same each time for the same moment; in the caller's transaction."""
    zone, chance = ZoneInfo(workspace.time_zone), random.Random(8)  # noqa: S311 - nothing secret
    until = half_hour(at)
    rows = [_row(workspace, start, zone, chance) for start in halves(until - timedelta(weeks=WEEKS), until)]
    HalfHour.objects.bulk_create([row for row in rows if row.arrivals or row.staff])
    HalfHourMark.objects.create(workspace=workspace, counted_until=until, brought_until=until)
    ana = cast.of("Ana")
    actions.set_terms(by=ana, target=300, share=90, handle=230, concurrency=1, shrinkage=30, at=at - HALF)


def _row(workspace: Workspace, start: datetime, zone: ZoneInfo, chance: random.Random) -> HalfHour:
    local = start.astimezone(zone)
    weekend = local.weekday() >= 5
    is_open = OPEN <= local.hour < CLOSED
    came = _many(_rate(local) * (0.4 if weekend else 1.0), chance)
    staff = 0 if not is_open else 2 if weekend else 4 if 10 <= local.hour < 15 else 3
    typical = 240 + 45 * max(0, came - 4 * staff) if staff else 1800
    waits = [int(chance.expovariate(1 / typical)) + 20 for _ in range(came) if chance.random() < 0.98]
    return HalfHour(
        workspace=workspace, start=start, arrivals=came, replies=round(1.4 * len(waits)), waits=waits, staff=staff
    )


def _rate(local: datetime) -> float:
    """Two humps, late in the morning and in the middle of the afternoon, and next to nothing at night."""
    hour = local.hour + local.minute / 60
    if not OPEN <= hour < CLOSED:
        return 0.3
    return BUSIEST * (0.35 + 0.65 * sin((hour - OPEN) / (CLOSED - OPEN) * 3.1416)) * (0.85 + 0.15 * sin(hour * 1.6))


def _many(rate: float, chance: random.Random) -> int:
    """How many come when so many do on average, at random (Knuth's way for a Poisson number)."""
    count, product, limit = 0, chance.random(), exp(-rate)
    while product > limit:
        count, product = count + 1, product * chance.random()
    return count
