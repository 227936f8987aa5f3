"""Half hours as they are counted, what a workspace staffs by, and the forecast from them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import make
from tests.cast import NOW, Player
from twoway.analytics.forecast import actions, queries
from twoway.analytics.forecast.expecting_rules import HALF, half_hour, halves
from twoway.analytics.forecast.handling_rules import FEWEST, Handling, gaps_between, handling
from twoway.analytics.forecast.models import HalfHour, HalfHourMark
from twoway.analytics.forecast.rules import Terms
from twoway.channels.models import Channel
from twoway.conversations.effort.models import Effort
from twoway.conversations.models import Conversation
from twoway.events.models import AuditEntry
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.routing.presence.models import Stretch
from twoway.sla.actions import set_goal
from twoway.teams.models import Workspace

PACIFIC = ZoneInfo("America/Los_Angeles")


def talk(channel: Channel, texts: list[tuple[str, float]], *, by: Player | None = None) -> Conversation:
    """A conversation with texts "in" and "out" so many minutes after NOW; those out are a member's, "auto" Twoway's."""
    found = make.make_conversation(channel, at=NOW + timedelta(minutes=texts[0][1]))
    for kind, after in texts:
        at = NOW + timedelta(minutes=after)
        if kind == "in":
            make.make_message(found, at=at)
        else:
            author = "system" if kind == "auto" else "member"
            make.make_message(found, at=at, direction="out", author=author, by=by.member if by else None)
    return found


def counted(workspace: Workspace, *, after: timedelta = timedelta(hours=5)) -> dict[float, HalfHour]:
    """Half hours by how many hours after NOW they begin."""
    actions.count_workspace(workspace_id=workspace.pk, at=NOW + after)
    rows = HalfHour.objects.filter(workspace=workspace)
    return {(row.start - NOW) / timedelta(hours=1): row for row in rows}


# Counting -------------------------------------------------------------------------------------------------------------


def test_a_run_of_texts_is_one_customer_who_waits(workspace: Workspace, channel: Channel, ben: Player) -> None:
    talk(channel, [("in", 0), ("in", 5), ("auto", 6), ("in", 31), ("out", 40), ("in", 45), ("out", 50)], by=ben)
    talk(channel, [("in", 10)])
    rows = counted(workspace)
    assert {start: (row.arrivals, row.waits, row.replies, row.staff) for start, row in rows.items()} == {
        0.0: (2, [2400], 0, 0),
        0.5: (1, [300], 2, 1),
    }


def test_keywords_want_no_answer(workspace: Workspace, channel: Channel) -> None:
    found = make.make_conversation(channel, at=NOW)
    make.make_message(found, at=NOW, body="STOP")
    make.make_message(make.make_conversation(channel, at=NOW), at=NOW, body="Stop by at noon?")
    assert counted(workspace)[0.0].arrivals == 1


def test_answers_that_come_later_are_counted_when_they_came(workspace: Workspace, channel: Channel) -> None:
    found = talk(channel, [("in", 0)])
    assert counted(workspace)[0.0].waits == []
    make.make_message(found, at=NOW + timedelta(hours=20), direction="out", author="member")
    assert counted(workspace, after=timedelta(hours=24))[0.0].waits == [20 * 3600]
    assert HalfHourMark.objects.get().counted_until == NOW + timedelta(hours=24)


def test_counting_twice_changes_nothing(workspace: Workspace, channel: Channel) -> None:
    talk(channel, [("in", 0), ("out", 40)])
    before = [(row.start, row.arrivals, row.waits) for row in counted(workspace).values()]
    assert [(row.start, row.arrivals, row.waits) for row in counted(workspace).values()] == before


def test_a_workspace_without_texts_is_left_alone(workspace: Workspace, cleo: Player, channel: Channel) -> None:
    talk(channel, [("in", 0)])
    assert actions.count_all(at=NOW + timedelta(hours=1)) == 1
    assert set(HalfHour.objects.values_list("workspace_id", flat=True)) == {workspace.pk}
    assert not HalfHourMark.objects.filter(workspace_id=cleo.member.workspace_id).exists()


def test_who_was_online_counts_in_parts(workspace: Workspace, channel: Channel, ana: Player, ben: Player) -> None:
    talk(channel, [("in", 0), ("out", 10)], by=ben)
    for player, state, first, last in (
        (ana, "online", -60, 45),
        (ben, "online", 15, None),
        (ben, "break", 0, 15),
    ):
        Stretch.objects.create(
            workspace=workspace,
            member=player.member,
            state=state,
            started_at=NOW + timedelta(minutes=first),
            ended_at=None if last is None else NOW + timedelta(minutes=last),
        )
    rows = counted(workspace, after=timedelta(hours=1))
    assert {start: row.staff for start, row in rows.items()} == {0.0: 1.5, 0.5: 1.5}


def test_what_is_old_goes(workspace: Workspace) -> None:
    for days in (399, 401):
        HalfHour.objects.create(workspace=workspace, start=NOW - timedelta(days=days), arrivals=1)
    assert actions.forget_old(at=NOW) == 1


def test_each_day_is_a_few_statements(workspace: Workspace, channel: Channel) -> None:
    talk(channel, [("in", 0), ("out", 10)])
    counted(workspace, after=timedelta(hours=5))
    with CaptureQueriesContext(connection) as few:
        counted(workspace, after=timedelta(hours=5))
    for minute in range(20):
        talk(channel, [("in", minute), ("out", minute + 30)])
    with CaptureQueriesContext(connection) as many:
        counted(workspace, after=timedelta(hours=5))
    assert len(many) <= len(few)


# How long an answer takes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spent", "answered", "gaps", "told"),
    [
        (0, 0, [], Handling(seconds=None, source="")),
        (9000, FEWEST, [], Handling(seconds=180.0, source="effort")),
        (9000, FEWEST - 1, [], Handling(seconds=None, source="")),
        (0, 500, [60.0] * FEWEST, Handling(seconds=180.0, source="gaps")),
        (9000, 10, [60.0] * FEWEST, Handling(seconds=180.0, source="gaps")),
        (0, 500, [60.0] * (FEWEST - 1), Handling(seconds=None, source="")),
        (1, 1000, [], Handling(seconds=10.0, source="effort")),
        (10**9, FEWEST, [], Handling(seconds=3600.0, source="effort")),
    ],
)
def test_attention_is_measured_or_seen_from_gaps(spent: int, answered: int, gaps: list[float], told: Handling) -> None:
    assert handling(spent=spent, answered=answered, gaps=gaps, concurrency=3) == told


def test_gaps_are_one_members_own_and_short() -> None:
    replies = [(1, 0), (1, 2), (1, 30), (1, 31), (2, 32), (2, 33)]
    told = gaps_between((member, NOW + timedelta(minutes=minute)) for member, minute in replies)
    assert told == [120, 60, 60]


def test_time_texting_says_how_long_an_answer_takes(workspace: Workspace, channel: Channel, ben: Player) -> None:
    first = talk(channel, [("in", 0), ("out", 5)])
    for minute in range(FEWEST):
        talk(channel, [("in", minute), ("out", minute + 5)])
    Effort.objects.create(
        member=ben.member, conversation=first, day=NOW.date(), reading=40 * FEWEST, writing=60 * FEWEST
    )
    counted(workspace)
    mark = HalfHourMark.objects.get()
    assert mark.handle_from == "effort"
    assert mark.handle == pytest.approx(100 * FEWEST / (FEWEST + 1))
    assert queries.terms_of(workspace.pk).handle == mark.handle


def test_answers_from_before_any_time_was_measured_say_nothing_about_it(
    workspace: Workspace, channel: Channel, ben: Player
) -> None:
    long_ago = NOW - timedelta(days=20)
    HalfHour.objects.create(workspace=workspace, start=long_ago, arrivals=500, waits=[60] * 500)
    first = talk(channel, [("in", 0), ("out", 5)])
    for minute in range(FEWEST - 1):
        talk(channel, [("in", minute), ("out", minute + 5)])
    Effort.objects.create(member=ben.member, conversation=first, day=NOW.date(), reading=0, writing=90 * FEWEST)
    counted(workspace)
    assert HalfHourMark.objects.get().handle == 90


def test_what_was_brought_along_is_not_counted_again(workspace: Workspace, channel: Channel) -> None:
    talk(channel, [("in", -180), ("out", -170)])
    talk(channel, [("in", 10)])
    until = half_hour(NOW)
    HalfHour.objects.create(workspace=workspace, start=until - HALF, arrivals=30, waits=[60] * 30)
    HalfHourMark.objects.create(workspace=workspace, counted_until=until, brought_until=until)
    for again in (actions.AGAIN, actions.AGAIN_AT_NIGHT):
        actions.count_workspace(workspace_id=workspace.pk, at=NOW + timedelta(hours=1), again=again)
        rows = HalfHour.objects.filter(workspace=workspace, arrivals__gt=0).order_by("start")
        assert list(rows.values_list("start", "arrivals")) == [(until - HALF, 30), (until, 1)]


# What it reckons with -------------------------------------------------------------------------------------------------


def test_terms_begin_with_the_workspaces_own_goal(workspace: Workspace, ana: Player) -> None:
    assert queries.terms_of(workspace.pk) == Terms(concurrency=5)
    set_goal(by=ana.actor, minutes=30, at=NOW)
    assert queries.terms_of(workspace.pk).target == 1800
    actions.set_terms(by=ana.actor, target=600, share=90, handle=120, concurrency=2, shrinkage=20, at=NOW)
    assert queries.terms_of(workspace.pk) == Terms(target=600, share=90, handle=120, concurrency=2, shrinkage=20)
    assert AuditEntry.objects.filter(action="forecast.terms_set").count() == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("target", 59), ("target", 86_401), ("share", 49), ("share", 100), ("handle", 9), ("handle", 3601),
     ("concurrency", 0), ("concurrency", 21), ("shrinkage", -1), ("shrinkage", 61)],
)  # fmt: skip
def test_terms_are_within_bounds(ana: Player, name: str, value: int) -> None:
    given = {"target": 600, "share": 90, "handle": 120, "concurrency": 2, "shrinkage": 20, name: value}
    with pytest.raises(Invalid) as caught:
        actions.set_terms(by=ana.actor, at=NOW, **given)
    assert caught.value.field == name


def test_agents_neither_see_nor_change_it(ben: Player) -> None:
    with pytest.raises(NotAllowed):
        queries.forecast(ben.actor, at=NOW)
    with pytest.raises(NotAllowed):
        actions.set_terms(by=ben.actor, target=600, share=90, handle=None, concurrency=2, shrinkage=20, at=NOW)


# The forecast ---------------------------------------------------------------------------------------------------------


def weeks_of(workspace: Workspace, *, at: datetime, arrivals: int = 12, weeks: int = 9) -> None:
    """Every weekday from 9 to 17 in Los Angeles the same: answered by two people, every third one late."""
    until = half_hour(at)
    rows = []
    for start in halves(until - timedelta(weeks=weeks), until):
        local = start.astimezone(PACIFIC)
        if local.weekday() < 5 and 9 <= local.hour < 17:
            waits = [60 if number % 3 else 4000 for number in range(arrivals)]
            rows.append(HalfHour(workspace=workspace, start=start, arrivals=arrivals, waits=waits, staff=2))
    HalfHour.objects.bulk_create(rows)
    HalfHourMark.objects.create(workspace=workspace, counted_until=until)


def test_last_week_and_the_days_to_come(workspace: Workspace, ana: Player) -> None:
    weeks_of(workspace, at=NOW)
    actions.set_terms(by=ana.actor, target=900, share=80, handle=300, concurrency=1, shrinkage=25, at=NOW)
    told = queries.forecast(ana.actor, at=NOW, days=7)
    today = NOW.astimezone(PACIFIC).date()
    assert [one.day for one in told.days] == [today + timedelta(days=more) for more in range(-7, 8)]
    assert (told.weeks, told.counted_until) == (8, NOW)
    tomorrow = told.on(today + timedelta(days=1))
    assert tomorrow is not None
    assert tomorrow.arrivals == pytest.approx(16 * 12, rel=0.02)
    assert tomorrow.was is None
    assert tomorrow.peak == 3
    yesterday = told.on(today - timedelta(days=1))
    assert yesterday is not None
    assert yesterday.was is not None
    assert (yesterday.was.arrivals, yesterday.was.answered, yesterday.was.in_time) == (192, 192, 128)
    assert yesterday.was.staff == 16
    assert yesterday.arrivals == pytest.approx(192, rel=0.02)


def test_today_is_told_up_to_now_and_expected_from_there(workspace: Workspace, ana: Player) -> None:
    weeks_of(workspace, at=NOW)
    today = queries.forecast(ana.actor, at=NOW).on(NOW.astimezone(PACIFIC).date())
    assert today is not None
    over = [half.start for half in today.halves if half.was is not None]
    assert max(over) == NOW - HALF
    assert len(today.halves) == 48
    assert today.was is not None
    assert today.was.arrivals == 24, "from nine until ten"


def test_the_day_the_clocks_go_forward_has_46_half_hours(workspace: Workspace, ana: Player) -> None:
    told = queries.forecast(ana.actor, at=datetime(2026, 3, 5, 18, tzinfo=UTC))
    by_day = {one.day.isoformat(): len(one.halves) for one in told.days}
    assert (by_day["2026-03-07"], by_day["2026-03-08"], by_day["2026-03-09"]) == (48, 46, 48)


def test_where_midnight_is_within_a_half_hour_every_day_is_whole(workspace: Workspace, ana: Player) -> None:
    Workspace.objects.filter(id=workspace.pk).update(time_zone="Asia/Kathmandu")
    told = queries.forecast(ana.actor, at=NOW)
    assert len(told.days) == 22
    assert {len(one.halves) for one in told.days} == {48}


def test_nothing_known_expects_nobody_and_says_so(workspace: Workspace, ana: Player) -> None:
    told = queries.forecast(ana.actor, at=NOW)
    assert (told.weeks, told.counted_until, told.handle_from) == (0, None, "")
    assert {one.arrivals for one in told.days} == {0}


def test_it_costs_the_same_however_old_the_workspace(workspace: Workspace, ana: Player) -> None:
    weeks_of(workspace, at=NOW, weeks=50)
    with CaptureQueriesContext(connection) as asked:
        queries.forecast(ana.actor, at=NOW)
    assert len(asked) <= 12
    assert len(queries._rows(workspace.pk, since=NOW - timedelta(weeks=9))) <= 9 * 7 * 48


def test_another_workspaces_history_is_its_own(workspace: Workspace, cleo: Player) -> None:
    weeks_of(workspace, at=NOW)
    assert {one.arrivals for one in queries.forecast(cleo.actor, at=NOW).days} == {0}
