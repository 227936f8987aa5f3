"""When somebody may be called back: the states of a callback, its slots, and who calls. Pure.

No slot begins before 8 or ends after 21 on the clock of whoever is called, whatever the business's hours are: 47 CFR
64.1200(c)(1) draws that line for calls that sell something, and nobody wants another one at night either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from twoway.teams.hours.rules import Calendar, is_open, next_closing, next_opening

EARLIEST, LATEST = 8 * 60, 21 * 60
"""Minutes of the day on the clock of whoever is called."""
OFFERED = 3
"""How many times a text names."""
MOST_SLOTS = 400
"""How many slots are looked at before giving up: some days, also with short ones."""
OFFER_LASTS = timedelta(hours=24)
OVERDUE_AFTER = timedelta(0)
"""How long after the end of its window a call that nobody made is overdue."""

REACHABLE = frozenset({"phone", "whatsapp"})
"""Kinds of addresses that can be called."""
OPEN = ("offered", "booked", "reminded", "due")
"""While a callback is in one of these states, the person has no other one."""
HELD = ("booked", "reminded", "due")
"""The states that take a place in a slot."""
ENDED = ("done", "missed", "cancelled", "left")

MOVES: Mapping[str, Mapping[str, str]] = {
    "offer": {
        "offered": "offered",
        "booked": "offered",
        "reminded": "offered",
        "due": "offered",
        "missed": "offered",
        "left": "offered",
    },
    "book": {
        "offered": "booked",
        "booked": "booked",
        "reminded": "booked",
        "due": "booked",
        "missed": "booked",
        "left": "booked",
    },
    "remind": {"booked": "reminded"},
    "fall_due": {"booked": "due", "reminded": "due"},
    "reached": {"booked": "done", "reminded": "done", "due": "done", "missed": "done", "left": "done"},
    "no_answer": {"booked": "missed", "reminded": "missed", "due": "missed"},
    "wrong_number": {"booked": "done", "reminded": "done", "due": "done"},
    "cancel": {
        "offered": "cancelled",
        "booked": "cancelled",
        "reminded": "cancelled",
        "due": "cancelled",
        "missed": "cancelled",
        "left": "cancelled",
    },
    "leave": {"offered": "left"},
}
"""For each move, from which state it leads where. `leave`: nobody understood what they want, so a person sees to it."""


class CannotMove(ValueError):
    """A callback in this state can't make this move."""


def moved(state: str, move: str) -> str:
    """The state after a move. Raises `CannotMove`."""
    after = MOVES[move].get(state)
    if after is None:
        raise CannotMove(f"{move} while {state}")
    return after


def may_move(state: str, move: str) -> bool:
    """Whether a callback in this state can make this move."""
    return state in MOVES[move]


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch in which somebody is called. Times are aware; the end is no longer inside."""

    start: datetime
    end: datetime

    def overlaps(self, start: datetime, end: datetime) -> bool:
        """Whether another stretch shares a moment with it."""
        return start < self.end and self.start < end


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How a workspace gives out calls: slots of `slot_minutes`, `capacity` calls in each, none before `lead_minutes`
    from now and none after `days` days."""

    slot_minutes: int = 20
    capacity: int = 1
    lead_minutes: int = 15
    days: int = 3


def capacity(*, per_slot: int, callers: int) -> int:
    """How many calls fit into one slot: as many as were set, and not more than there are members who may call."""
    return max(0, min(per_slot, callers))


def free_slots(
    plan: Plan, calendar: Calendar, *, zone: ZoneInfo, taken: Sequence[tuple[datetime, datetime]], at: datetime
) -> Iterator[Slot]:
    """The slots that still have room, in order: inside the open hours of `calendar`, on the grid of its clock, by day
    in `zone` where whoever is called is. `taken` are the windows of calls that are booked."""
    length, last = timedelta(minutes=plan.slot_minutes), at + timedelta(days=plan.days)
    start = _on_grid(at + timedelta(minutes=plan.lead_minutes), calendar.zone, plan.slot_minutes)
    for _ in range(MOST_SLOTS):
        if start > last:
            return
        slot = Slot(start, start + length)
        if not _is_inside(slot, calendar):
            opens = next_opening(calendar, start + timedelta(minutes=1))
            if opens is None:
                return
            ahead = _on_grid(max(opens, start + timedelta(minutes=1)), calendar.zone, plan.slot_minutes)
            start = max(ahead, _on_grid(start + timedelta(seconds=1), calendar.zone, plan.slot_minutes))
            continue
        if _is_decent(slot, zone) and has_room(slot, taken, plan.capacity):
            yield slot
        start = _on_grid(start + timedelta(seconds=1), calendar.zone, plan.slot_minutes)


def is_possible(
    slot: Slot,
    plan: Plan,
    calendar: Calendar,
    *,
    zone: ZoneInfo,
    taken: Sequence[tuple[datetime, datetime]],
    at: datetime,
) -> bool:
    """Whether this very window may still be booked: open, at a decent hour, not over, and with room."""
    return (
        slot.end > at and _is_inside(slot, calendar) and _is_decent(slot, zone) and has_room(slot, taken, plan.capacity)
    )


def has_room(slot: Slot, taken: Iterable[tuple[datetime, datetime]], capacity: int) -> bool:
    """Whether at no moment of the slot as many calls are booked as can be made."""
    inside = [pair for pair in taken if slot.overlaps(*pair)]
    moments = [slot.start, *(start for start, _ in inside if start > slot.start)]
    return all(sum(start <= moment < end for start, end in inside) < capacity for moment in moments)


def choose(slots: Iterable[Slot], *, zone: ZoneInfo) -> tuple[Slot, ...]:
    """Up to three that differ: the first one, one at least an hour later, and one on another day where they are."""
    every = list(slots)
    if not every:
        return ()
    first = every[0]
    day = first.start.astimezone(zone).date()
    later = next((one for one in every if one.start - first.start >= timedelta(hours=1)), None)
    other = next((one for one in every if one.start.astimezone(zone).date() != day and one != later), None)
    picked = {one for one in (first, later, other) if one is not None}
    for one in every:
        if len(picked) >= OFFERED:
            break
        picked.add(one)
    return tuple(sorted(picked, key=lambda one: one.start))


def _on_grid(moment: datetime, zone: ZoneInfo, minutes: int) -> datetime:
    """The first moment from here on that is a whole number of slots after the full hour of the wall clock there."""
    local = moment.astimezone(zone)
    past = timedelta(minutes=local.minute % minutes, seconds=local.second, microseconds=local.microsecond)
    return moment.astimezone(UTC) + (timedelta(minutes=minutes) - past if past else timedelta(0))


def _is_inside(slot: Slot, calendar: Calendar) -> bool:
    """Whether it is open all the while."""
    if not is_open(calendar, slot.start):
        return False
    closes = next_closing(calendar, slot.start)
    return closes is None or closes >= slot.end


def _is_decent(slot: Slot, zone: ZoneInfo) -> bool:
    """Whether it is neither early nor late where whoever is called is."""
    start, end = slot.start.astimezone(zone), (slot.end - timedelta(seconds=1)).astimezone(zone)
    begins, ends = start.hour * 60 + start.minute, end.hour * 60 + end.minute
    return start.date() == end.date() and begins >= EARLIEST and ends < LATEST


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """A member who may call. `load` is how many of their callbacks overlap the one in question."""

    id: int
    load: int = 0
    is_present: bool = False


def pick_caller(callers: Collection[Caller], *, holder_id: int | None) -> int | None:
    """Who calls: whoever has the conversation, if present and free then; else the present member with the fewest calls
    at that time. With nobody present, whoever has the conversation; else nobody yet."""
    present = [one for one in callers if one.is_present]
    holder = next((one for one in callers if one.id == holder_id), None)
    if holder is not None and holder.is_present and holder.load == 0:
        return holder.id
    if present:
        return min(present, key=lambda one: (one.load, one.id != holder_id, one.id)).id
    return holder.id if holder is not None else None


def next_step(
    state: str, *, offered_until: datetime | None, starts_at: datetime | None, ends_at: datetime | None, remind: int
) -> datetime | None:
    """When time moves this callback on by itself: an offer lapses, a reminder goes out, the call falls due, it is
    overdue. None: it waits for somebody."""
    if state == "offered":
        return offered_until
    if starts_at is None or ends_at is None:
        return None
    if state == "booked":
        return starts_at - timedelta(minutes=remind)
    if state == "reminded":
        return starts_at
    return ends_at + OVERDUE_AFTER if state == "due" else None
