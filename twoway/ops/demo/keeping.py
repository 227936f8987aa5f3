"""When the demo's people answer: the desk all week, Roadside around the clock, Billing in office hours."""

from __future__ import annotations

from datetime import datetime, timedelta

from twoway.ops.demo.threads import Cast
from twoway.teams.hours import actions
from twoway.teams.hours.actions import DayWish, HoursWish
from twoway.teams.hours.rules import MINUTES

_OFFICE = ((9 * 60, 12 * 60), (13 * 60, 17 * 60))
_STAFF_DAY_IN = timedelta(days=40)


def keep_hours(*, cast: Cast, at: datetime) -> None:
    """Three sets of hours, one of them the workspace's. In the caller's transaction."""
    by = cast.of("Ana")
    staff_day = DayWish(day=(at + _STAFF_DAY_IN).date(), name="Staff day", stretches=((9 * 60, 12 * 60),))
    desk = HoursWish(name="Every day", week=(((7 * 60, 22 * 60),),) * 7)
    always = HoursWish(name="Around the clock", week=(((0, MINUTES),),) * 7)
    office = HoursWish(
        name="Office",
        week=(_OFFICE,) * 5 + ((), ()),
        country="US",
        subdivision="OR",
        worked=("Veterans Day",),
        days=(staff_day,),
    )
    actions.set_usual(by=by, hours_id=actions.create_hours(by=by, wish=desk, at=at).pk, at=at)
    for team, wish in (("Roadside", always), ("Billing", office)):
        made = actions.create_hours(by=by, wish=wish, at=at)
        actions.set_team_hours(by=by, team=cast.teams[team], hours_id=made.pk, at=at)
