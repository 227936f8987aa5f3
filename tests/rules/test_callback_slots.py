"""Callbacks: states, slots and who calls, as tables and properties."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twoway.messaging.callbacks import rules
from twoway.messaging.callbacks.rules import Caller, Plan, Slot
from twoway.teams.hours.rules import ALWAYS, Calendar, is_open, next_closing

LA = ZoneInfo("America/Los_Angeles")
NY = ZoneInfo("America/New_York")
OFFICE = Calendar(LA, (((540, 1020),),) * 5 + ((), ()))
"""Monday to Friday, 9 to 17."""


def la(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=LA)


def free(
    at: datetime,
    *,
    calendar: Calendar = OFFICE,
    zone: ZoneInfo = LA,
    taken: Sequence[tuple[datetime, datetime]] = (),
    **plan: int,
) -> list[Slot]:
    return list(rules.free_slots(Plan(**plan), calendar, zone=zone, taken=list(taken), at=at))


STATES = ("offered", "booked", "reminded", "due", "done", "missed", "cancelled", "left")
TABLE = [
    ("offered", "book", "booked"),
    ("offered", "cancel", "cancelled"),
    ("offered", "leave", "left"),
    ("offered", "reached", None),
    ("booked", "remind", "reminded"),
    ("booked", "fall_due", "due"),
    ("booked", "offer", "offered"),
    ("reminded", "fall_due", "due"),
    ("reminded", "remind", None),
    ("due", "reached", "done"),
    ("due", "no_answer", "missed"),
    ("due", "wrong_number", "done"),
    ("due", "cancel", "cancelled"),
    ("due", "remind", None),
    ("missed", "offer", "offered"),
    ("missed", "book", "booked"),
    ("missed", "no_answer", None),
    ("left", "book", "booked"),
    ("left", "reached", "done"),
    ("done", "offer", None),
    ("done", "book", None),
    ("done", "cancel", None),
    ("cancelled", "book", None),
]


@pytest.mark.parametrize(("state", "move", "after"), TABLE)
def test_a_move_leads_where_the_table_says(state: str, move: str, after: str | None) -> None:
    assert rules.may_move(state, move) == (after is not None)
    if after is None:
        with pytest.raises(rules.CannotMove):
            rules.moved(state, move)
    else:
        assert rules.moved(state, move) == after


@given(st.lists(st.sampled_from(sorted(rules.MOVES)), max_size=12))
def test_no_moves_lead_out_of_the_states_there_are_nor_out_of_an_end(moves: list[str]) -> None:
    state = "offered"
    for move in moves:
        if rules.may_move(state, move):
            assert state not in {"done", "cancelled"}
            state = rules.moved(state, move)
        assert state in STATES


def test_slots_begin_on_the_grid_after_the_lead_and_end_before_closing() -> None:
    found = free(la(10, 15, 50), slot_minutes=20, lead_minutes=15, days=1)
    assert found[0] == Slot(la(10, 16, 20).astimezone(UTC), la(10, 16, 40).astimezone(UTC))
    today = [slot for slot in found if slot.start.astimezone(LA).day == 10]
    assert today[-1].end == la(10, 17)


def test_a_weekend_is_passed_over() -> None:
    found = free(la(13, 16, 50), slot_minutes=30, lead_minutes=30, days=4)
    assert found[0].start == la(16, 9)


def test_nobody_is_called_at_night_where_they_are() -> None:
    every = free(la(10, 12), calendar=Calendar(LA, ALWAYS.week), zone=NY, slot_minutes=60, days=2)
    hours = {slot.start.astimezone(NY).hour for slot in every}
    assert hours == set(range(8, 21))


def test_a_full_slot_is_not_offered_and_one_with_room_is() -> None:
    window = (la(10, 10), la(10, 10, 20))
    once = free(la(10, 9, 30), taken=[window], capacity=2, days=1)
    twice = free(la(10, 9, 30), taken=[window, window], capacity=2, days=1)
    assert la(10, 10) in [slot.start for slot in once]
    assert la(10, 10) not in [slot.start for slot in twice]


def test_a_window_of_another_length_counts_where_they_overlap() -> None:
    found = free(la(10, 9, 30), taken=[(la(10, 10, 10), la(10, 10, 50))], capacity=1, days=1)
    starts = [slot.start for slot in found]
    assert la(10, 10) not in starts
    assert la(10, 10, 40) not in starts
    assert la(10, 11) in starts


def test_nothing_is_free_without_hours_or_without_anybody_to_call() -> None:
    assert free(la(10, 9), calendar=Calendar(LA, ((),) * 7)) == []
    assert free(la(10, 9), capacity=0) == []


@pytest.mark.parametrize(
    ("day", "month", "first"),
    [
        (7, 3, "2026-03-08T10:00:00+00:00"),  # clocks go from 2:00 to 3:00: 3 in the morning is 10:00 UTC
        (31, 10, "2026-11-01T11:00:00+00:00"),  # 2 in the morning comes twice: 3 in the morning is 11:00 UTC
    ],
)
def test_the_days_on_which_clocks_change(day: int, month: int, first: str) -> None:
    nights = Calendar(LA, (((180, 300),),) * 7)
    tokyo = ZoneInfo("Asia/Tokyo")
    found = free(la(day, 12, month=month), calendar=nights, zone=tokyo, slot_minutes=60)
    assert found[0].start.isoformat() == first
    assert all(slot.start.astimezone(LA).hour in {3, 4} for slot in found)


def test_three_different_times_are_chosen() -> None:
    slots = free(la(10, 9, 30), days=3)
    first, later, other = rules.choose(slots, zone=LA)
    assert first == slots[0]
    assert later.start - first.start == timedelta(hours=1)
    assert other.start == la(11, 9)
    assert rules.choose([], zone=LA) == ()
    assert len(rules.choose(slots[:2], zone=LA)) == 2


CALLERS = [
    ("the one who has it", [(1, 0, True), (2, 0, True)], 2, 2),
    ("somebody free when that one is busy", [(1, 0, True), (2, 1, True)], 2, 1),
    ("the fewest calls", [(1, 2, True), (2, 1, True), (3, 3, True)], None, 2),
    ("only who is there", [(1, 0, False), (2, 4, True)], 1, 2),
    ("with nobody there, who has it", [(1, 0, False), (2, 0, False)], 1, 1),
    ("nobody yet", [(1, 0, False)], None, None),
    ("not somebody who may not call", [(1, 0, True)], 9, 1),
]


@pytest.mark.parametrize(("name", "callers", "holder", "picked"), CALLERS, ids=[row[0] for row in CALLERS])
def test_who_calls(name: str, callers: list[tuple[int, int, bool]], holder: int | None, picked: int | None) -> None:
    people = [Caller(id=key, load=load, is_present=here) for key, load, here in callers]
    assert rules.pick_caller(people, holder_id=holder) == picked


def test_time_moves_it_on_at_the_reminder_the_beginning_and_the_end() -> None:
    starts, ends = la(10, 14), la(10, 14, 20)

    def step(state: str) -> datetime | None:
        return rules.next_step(state, offered_until=la(10, 9), starts_at=starts, ends_at=ends, remind=10)

    assert [step(state) for state in ("offered", "booked", "reminded", "due", "done")] == [
        la(10, 9),
        la(10, 13, 50),
        starts,
        ends,
        None,
    ]


MOMENTS = st.integers(0, 365 * 24 * 3600).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=n))
STRETCH = st.tuples(st.integers(0, 1400), st.integers(20, 1440)).map(lambda pair: (pair[0], max(pair[0] + 30, pair[1])))
WEEKS = st.lists(STRETCH.filter(lambda pair: pair[1] <= 1440), min_size=7, max_size=7)


@given(
    at=MOMENTS,
    week=WEEKS,
    zones=st.tuples(
        *[st.sampled_from(["America/Los_Angeles", "America/St_Johns", "Asia/Kolkata", "Europe/Paris"])] * 2
    ),
    minutes=st.sampled_from([10, 15, 20, 30, 60]),
)
def test_slots_never_leave_the_hours_nor_a_decent_time_and_come_in_order(
    at: datetime, week: list[tuple[int, int]], zones: tuple[str, str], minutes: int
) -> None:
    calendar = Calendar(ZoneInfo(zones[0]), tuple((pair,) for pair in week))
    theirs = ZoneInfo(zones[1])
    found = list(rules.free_slots(Plan(slot_minutes=minutes, lead_minutes=5), calendar, zone=theirs, taken=[], at=at))
    assert [slot.start for slot in found] == sorted({slot.start for slot in found})
    for slot in found:
        closes = next_closing(calendar, slot.start)
        assert slot.start >= at + timedelta(minutes=5)
        assert slot.end - slot.start == timedelta(minutes=minutes)
        assert is_open(calendar, slot.start)
        assert closes is None or closes >= slot.end
        begins, ends = slot.start.astimezone(theirs), slot.end.astimezone(theirs)
        assert 8 <= begins.hour < 21
        assert ends.hour < 21 or (ends.hour, ends.minute) == (21, 0)


@given(
    at=MOMENTS,
    minutes=st.lists(st.tuples(st.integers(0, 300), st.sampled_from([10, 20, 45])), max_size=8),
    capacity=st.integers(1, 3),
)
def test_capacity_is_never_exceeded_when_every_free_slot_is_taken(
    at: datetime, minutes: list[tuple[int, int]], capacity: int
) -> None:
    calendar = Calendar(UTC_ZONE, ALWAYS.week)
    taken: list[tuple[datetime, datetime]] = []
    for begins, length in minutes:
        window = Slot(at + timedelta(minutes=begins), at + timedelta(minutes=begins + length))
        if rules.has_room(window, taken, capacity):
            taken.append((window.start, window.end))
    plan = Plan(capacity=capacity, days=1)
    while slot := next(rules.free_slots(plan, calendar, zone=UTC_ZONE, taken=taken, at=at), None):
        taken.append((slot.start, slot.end))
        if len(taken) > 40:
            break
    for start, _ in taken:
        assert sum(begins <= start < ends for begins, ends in taken) <= capacity


UTC_ZONE = ZoneInfo("UTC")
