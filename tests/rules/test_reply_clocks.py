"""Clocks for replies: two gears, pauses, transfers, done and taken back; weekends, holidays and clock changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twoway.sla.clock_rules import (
    REPLIES,
    Fact,
    Goal,
    Rule,
    Running,
    Terms,
    Thread,
    What,
    attainment,
    closing_of_day,
    front,
    state_of,
    used_by,
)
from twoway.sla.rules import adopt, settle, step, steps, without
from twoway.teams.hours.rules import ALWAYS, Calendar, open_seconds

NEW_YORK = ZoneInfo("America/New_York")
OFFICE = Calendar(NEW_YORK, (((540, 1020),),) * 5 + ((), ()), {date(2026, 7, 3): ()})
LUNCH = Calendar(NEW_YORK, (((540, 720), (780, 1020)),) * 5 + ((), ()))
NIGHT = Calendar(NEW_YORK, (((0, 360), (1320, 1440)),) * 7)
MINUTE, HOUR = 60.0, 3600.0
TERMS = Terms(
    policy_id=1,
    first=Goal(4 * HOUR, HOUR),
    next=Goal(2 * HOUR, 10 * MINUTE),
    resolution=Goal(8 * HOUR),
    same_day=True,
    wrap_up=24 * HOUR,
)


def rule(calendar: Calendar = ALWAYS, terms: Terms = TERMS, hours: Calendar | None = None) -> Rule:
    return Rule(terms=terms, calendar=calendar, hours=hours or calendar)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


def fact(number: int, what: What, at: datetime, *, episode: int = 0, message_id: int | None = None) -> Fact:
    return Fact(id=number, what=what, at=at, episode=episode, message_id=message_id)


def played(start: datetime, *told: tuple[float, What], by: Rule | None = None) -> Thread:
    """What became of facts, each so many minutes after the start; a fact's number is also its text's."""
    facts = [
        Fact(id=n, what=what, at=start + timedelta(minutes=minutes), message_id=n if what == "reply" else None)
        for n, (minutes, what) in enumerate(told, 1)
    ]
    return steps(Thread(), facts, by or rule())


NOON = datetime(2026, 3, 10, 16, 0, tzinfo=UTC)


def got(thread: Thread, kind: str) -> Running:
    """The last clock of a kind."""
    return [one for one in thread.clocks if one.kind == kind][-1]


def test_the_first_gear_is_relaxed_and_the_second_strict() -> None:
    waiting = played(NOON, (0, "text"), (5, "text"))
    first = got(waiting, "first")
    assert (first.due_at, first.warn_at) == (NOON + timedelta(hours=4), NOON + timedelta(hours=1))
    assert waiting.live("next") is None
    answered = played(NOON, (0, "text"), (30, "reply"), (40, "text"))
    assert got(answered, "first").outcome == "met"
    second = got(answered, "next")
    assert (second.started_at, second.warn_at, second.due_at) == (
        NOON + timedelta(minutes=40),
        NOON + timedelta(minutes=50),
        NOON + timedelta(minutes=160),
    )
    assert answered.live("wrap_up") is None


def test_no_clock_for_a_reply_runs_while_we_wait_for_them() -> None:
    thread = played(NOON, (0, "text"), (30, "reply"))
    assert [one.kind for one in thread.clocks if one.is_live and one.kind in REPLIES] == []
    resolution = got(thread, "resolution")
    assert (resolution.pause, resolution.used, resolution.due_at) == ("customer", 1800.0, None)
    back = step(thread, fact(9, "text", NOON + timedelta(hours=5)), rule())
    assert got(back, "resolution").due_at == NOON + timedelta(hours=5) + timedelta(hours=7, minutes=30)
    assert got(thread, "wrap_up").due_at == NOON + timedelta(hours=24, minutes=30)


def test_a_late_reply_is_late_and_done_without_an_answer_is_neither() -> None:
    late = got(played(NOON, (0, "text"), (250, "reply")), "first")
    assert (late.outcome, late.breached_at) == ("late", NOON + timedelta(hours=4))
    assert got(played(NOON, (0, "text"), (20, "done")), "first").outcome == "stopped"
    assert got(played(NOON, (0, "text"), (250, "done")), "first").outcome == "late"
    closed = played(NOON, (0, "text"), (20, "reply"), (30, "done"))
    assert [(one.kind, one.outcome) for one in closed.clocks] == [
        ("first", "met"),
        ("same_day", "met"),
        ("resolution", "met"),
        ("wrap_up", "stopped"),
    ]


def test_a_done_taken_back_goes_on_with_what_was_used() -> None:
    thread = played(NOON, (0, "text"), (60, "done"), (120, "reopened"))
    first = got(thread, "first")
    assert (first.used, first.due_at, first.is_live) == (HOUR, NOON + timedelta(hours=5), True)
    assert len([one for one in thread.clocks if one.kind == "first"]) == 1


def test_a_text_after_done_begins_a_new_episode_with_the_relaxed_gear() -> None:
    thread = played(NOON, (0, "text"), (5, "reply"), (10, "done"), (60, "text"), (60, "reopened"))
    assert (thread.episode, thread.state, thread.answered_at) == (2, "open", None)
    assert got(thread, "first").started_at == NOON + timedelta(hours=1)
    assert thread.live("next") is None


def test_a_conversation_we_begin_again_has_no_clock_until_they_write() -> None:
    closed = played(NOON, (0, "text"), (5, "reply"), (10, "done"))
    thread = step(closed, fact(9, "reopened", NOON + timedelta(hours=1), episode=2), rule())
    assert [one for one in thread.clocks if one.is_live] == []
    assert thread.episode == 2


@pytest.mark.parametrize(("pauses", "due"), [(False, 4), (True, 7)])
def test_a_snoozed_wait_goes_on_unless_the_policy_says_otherwise(pauses: bool, due: int) -> None:
    by = rule(terms=replace(TERMS, pauses_snoozed=pauses))
    thread = played(NOON, (0, "text"), (60, "snoozed"), (240, "woken"), by=by)
    assert got(thread, "first").due_at == NOON + timedelta(hours=due)
    assert got(thread, "resolution").due_at == NOON + timedelta(hours=11)


def test_a_reply_taken_back_was_never_there() -> None:
    sent = played(NOON, (0, "text"), (5, "reply"))
    before = played(NOON, (0, "text"))
    thread = step(sent, fact(3, "undone", NOON + timedelta(minutes=6), message_id=2), rule())
    assert got(thread, "first") == got(before, "first")
    assert (thread.waiting_since, thread.answered_at) == (NOON, None)
    assert thread.live("wrap_up") is None
    assert got(thread, "resolution").due_at == NOON + timedelta(hours=8, minutes=1)


def test_a_reply_that_was_lost_was_never_there() -> None:
    sent = played(NOON, (0, "text"), (5, "reply"))
    told = Fact(id=3, what="lost", at=NOON + timedelta(hours=3), message_id=2, since=NOON)
    thread = step(sent, told, rule())
    assert got(thread, "first") == got(played(NOON, (0, "text")), "first")
    assert (thread.waiting_since, thread.answered_at, thread.live("wrap_up")) == (NOON, None, None)
    again = step(thread, Fact(id=4, what="reply", at=NOON + timedelta(hours=5), message_id=4), rule())
    assert [one.outcome for one in again.clocks if one.kind == "first"] == ["late"]


def test_a_reply_that_was_lost_beside_another_is_that_one() -> None:
    sent = played(NOON, (0, "text"), (5, "reply"), (7, "reply"))
    other = Fact(id=9, what="reply", at=NOON + timedelta(minutes=7), message_id=3)
    thread = step(sent, Fact(id=9, what="lost", at=NOON + timedelta(hours=9), message_id=2, instead=other), rule())
    (first,) = [one for one in thread.clocks if one.kind == "first"]
    assert (first.ended_at, first.ended_by, first.outcome) == (other.at, 3, "met")
    assert (thread.waiting_since, thread.answered_at) == (sent.waiting_since, sent.answered_at)


def test_an_answer_counts_from_when_it_was_given() -> None:
    thread = played(NOON, (0, "text"))
    given_at, since = NOON + timedelta(minutes=30), NOON + timedelta(minutes=40)
    thread = step(thread, Fact(id=5, what="given", at=given_at, since=since), rule())
    assert [(one.ended_at, one.outcome) for one in thread.clocks if one.kind == "first"] == [(given_at, "met")]
    assert (thread.waiting_since, got(thread, "next").due_at) == (since, since + timedelta(hours=2))


def test_the_same_facts_again_change_nothing() -> None:
    said: tuple[What, ...] = ("text", "reply", "text", "done")
    facts = [fact(n, what, NOON + timedelta(minutes=n)) for n, what in enumerate(said, 1)]
    once = steps(Thread(), facts, rule())
    assert steps(once, facts, rule()) == once


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-01-02T16:30", "2026-01-05T12:30"),
        ("2026-07-02T16:00", "2026-07-06T12:00"),
        ("2026-03-06T16:00", "2026-03-09T12:00"),
        ("2026-10-30T16:00", "2026-11-02T12:00"),
        ("2026-01-03T12:00", "2026-01-05T13:00"),
    ],
)
def test_goals_count_in_business_hours(start: str, due: str) -> None:
    thread = played(local(start), (0, "text"), by=rule(OFFICE))
    assert got(thread, "first").due_at == local(due)


@pytest.mark.parametrize(
    ("calendar", "at", "closes"),
    [
        (OFFICE, "2026-03-10T10:00", "2026-03-10T17:00"),
        (LUNCH, "2026-03-10T10:00", "2026-03-10T17:00"),
        (LUNCH, "2026-03-10T12:30", "2026-03-10T17:00"),
        (OFFICE, "2026-03-10T18:00", "2026-03-11T17:00"),
        (OFFICE, "2026-07-02T18:00", "2026-07-06T17:00"),
        (OFFICE, "2026-03-07T12:00", "2026-03-09T17:00"),
        (Calendar(NEW_YORK, (((0, 1440),),) * 7), "2026-03-08T01:00", "2026-03-09T00:00"),
        (NIGHT, "2026-10-31T23:00", "2026-11-01T06:00"),
    ],
)
def test_a_business_day_ends_with_its_last_closing(calendar: Calendar, at: str, closes: str) -> None:
    assert closing_of_day(calendar, local(at)) == local(closes)


def test_a_transfer_keeps_what_was_used_and_takes_the_other_goal() -> None:
    thread = played(local("2026-03-10T15:00"), (0, "text"), by=rule(OFFICE))
    other = replace(TERMS, policy_id=2, first=Goal(3 * HOUR))
    moved = settle(thread, rule(ALWAYS, other), at=local("2026-03-10T18:00"), before=rule(OFFICE))
    first = got(moved, "first")
    assert (first.used, first.due_at, first.warn_at, first.policy_id) == (2 * HOUR, local("2026-03-10T19:00"), None, 2)


def test_changed_hours_move_what_runs_and_leave_what_was_breached() -> None:
    start = local("2026-03-10T09:00")
    thread = played(start, (0, "text"), by=rule(OFFICE))
    moved = settle(thread, rule(LUNCH), at=local("2026-03-10T10:00"))
    assert got(moved, "first").due_at == local("2026-03-10T14:00")
    breached = replace(thread, clocks=tuple(replace(one, breached_at=one.due_at) for one in thread.clocks))
    assert settle(breached, rule(LUNCH), at=local("2026-03-10T14:00")) == breached


def test_without_a_goal_a_clock_stops_and_a_new_goal_counts_from_when_they_wrote() -> None:
    thread = played(NOON, (0, "text"))
    bare = settle(thread, rule(terms=Terms(policy_id=1)), at=NOON + timedelta(minutes=5))
    assert [one.outcome for one in bare.clocks] == ["stopped"] * 3
    again = settle(bare, rule(), at=NOON + timedelta(minutes=9))
    assert got(again, "first").due_at == NOON + timedelta(hours=4)
    assert without(again, at=NOON).live("first") is None


def test_what_is_taken_over_waits_since_they_wrote() -> None:
    seen = Thread(waiting_since=NOON, answered_at=NOON - timedelta(hours=2), heard_at=NOON - timedelta(hours=3))
    thread = adopt(Thread(), seen, rule(), at=NOON + timedelta(hours=1))
    assert got(thread, "next").due_at == NOON + timedelta(hours=2)
    assert adopt(thread, seen, rule(), at=NOON + timedelta(hours=1)) == thread
    quiet = adopt(thread, Thread(answered_at=NOON, heard_at=NOON), rule(), at=NOON + timedelta(hours=1))
    assert quiet.live("next") is None


def test_how_it_stands_and_which_comes_first() -> None:
    thread = played(NOON, (0, "text"))
    first = got(thread, "first")
    states = [state_of(first, at=NOON + timedelta(minutes=m)) for m in (1, 61, 240)]
    assert states == ["running", "warned", "breached"]
    assert front(thread.clocks) == first
    assert front(played(NOON, (0, "text"), (5, "reply")).clocks) == got(
        played(NOON, (0, "text"), (5, "reply")), "resolution"
    )
    assert (attainment(3, 1), attainment(0, 0)) == (0.75, None)


# Properties -----------------------------------------------------------------------------------------------------------

CALENDARS = st.sampled_from([ALWAYS, OFFICE, LUNCH, NIGHT])
MOMENTS = st.integers(0, 330 * 86400).map(lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
WHATS: st.SearchStrategy[What] = st.sampled_from(
    ("text", "reply", "undone", "lost", "given", "done", "reopened", "snoozed", "woken")
)


@st.composite
def histories(draw: st.DrawFn) -> list[Fact]:
    at, found = draw(MOMENTS), list[Fact]()
    for number in range(1, draw(st.integers(2, 14))):
        at += timedelta(seconds=draw(st.integers(1, 3 * 86400)))
        what: What = draw(WHATS)
        about = {"reply": number, "undone": number - 1, "lost": number - 1}.get(what)
        since = found[0].at if what == "lost" and found and draw(st.booleans()) else None
        found.append(Fact(id=number, what=what, at=at, message_id=about, since=since))
    return found


@given(histories(), CALENDARS, st.booleans())
def test_a_further_text_moves_nothing_and_a_replay_changes_nothing(
    facts: list[Fact], calendar: Calendar, pauses: bool
) -> None:
    by = rule(calendar, replace(TERMS, pauses_snoozed=pauses))
    thread = steps(Thread(), facts, by)
    assert steps(thread, facts, by) == thread
    thread = step(thread, fact(50, "text", facts[-1].at + timedelta(seconds=1)), by)
    again = step(thread, fact(51, "text", facts[-1].at + timedelta(hours=9)), by)
    assert again.clocks == thread.clocks
    for kind in ("first", "next", "same_day", "resolution", "wrap_up"):
        assert len([one for one in thread.clocks if one.kind == kind and one.is_live]) <= 1
    assert thread.live("first") is None or thread.live("next") is None


@given(histories(), CALENDARS)
def test_no_open_second_of_a_resolution_is_lost_or_counted_twice(facts: list[Fact], calendar: Calendar) -> None:
    """Counted anew from the states in between, each stretch of it for what it was."""
    by = rule(calendar)
    thread, expected, number = Thread(), 0.0, 0
    for earlier, later in zip([*facts], [*facts[1:], facts[-1]], strict=True):
        thread = step(thread, earlier, by)
        if thread.live("resolution") is None:
            continue
        if thread.episode != number:
            number, expected = thread.episode, 0.0
        assert used_by(got(thread, "resolution"), earlier.at, calendar) == pytest.approx(expected)
        if not got(thread, "resolution").pause:
            expected += open_seconds(calendar, earlier.at, later.at)


@given(MOMENTS, CALENDARS, CALENDARS, st.integers(0, 5 * 86400))
def test_there_and_back_again_costs_nothing(at: datetime, one: Calendar, other: Calendar, seconds: int) -> None:
    """Handed to a team with other hours and back at once, a clock is due when it was."""
    thread = step(Thread(), fact(1, "text", at), rule(one))
    then = at + timedelta(seconds=seconds)
    there = settle(thread, rule(other), at=then, before=rule(one))
    back = settle(there, rule(one), at=then, before=rule(other))
    if state_of(got(thread, "first"), at=then) != "breached":
        assert got(back, "first").due_at == got(thread, "first").due_at
    assert got(back, "first").used == pytest.approx(open_seconds(one, at, then))
