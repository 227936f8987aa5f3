"""Reading how numbers stand and what was counted of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from django.db.models import Sum

from twoway.channels.health import rules
from twoway.channels.health.rules import Counts
from twoway.channels.models import Channel, ChannelSlot, ChannelState, PauseCode
from twoway.channels.pools.rules import Marks, Stand, stand

__all__ = [
    "ChannelState",
    "Counts",
    "PauseCode",
    "Point",
    "counts",
    "days",
    "hours",
    "marks_of",
    "stand_of",
    "state_of",
    "states",
    "windows",
]

_NAMES = tuple(field.name for field in fields(Counts))


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """One bar of a chart: what was counted from `at` on."""

    at: datetime
    counts: Counts


def state_of(channel: Channel) -> ChannelState:
    """How a number stands; one nobody ever said anything about stands as it was made."""
    try:
        return channel.state
    except ChannelState.DoesNotExist:
        return ChannelState(channel=channel)


def states(channels: Iterable[Channel]) -> dict[int, ChannelState]:
    """The same for several, by channel id; one statement."""
    listed = list(channels)
    kept = {row.channel_id: row for row in ChannelState.objects.filter(channel_id__in=[one.pk for one in listed])}
    return {one.pk: kept.get(one.pk) or ChannelState(channel=one) for one in listed}


def marks_of(channel: Channel, state: ChannelState) -> Marks:
    """What the rules are asked with."""
    return Marks(
        is_active=channel.is_active,
        paused_at=state.paused_at,
        paused_until=state.paused_until,
        down_since=state.down_since,
        probe_at=state.probe_at,
        retiring_at=state.retiring_at,
        retires_at=state.retires_at,
    )


def stand_of(channel: Channel, state: ChannelState, *, at: datetime) -> Stand:
    """Whether a number sends at this time, or why not."""
    return stand(marks_of(channel, state), at=at)


def windows(channel: Channel, *, at: datetime, resumed_at: datetime | None) -> dict[timedelta, Counts]:
    """What was counted in each window of the thresholds, since the number was last resumed."""
    wanted = rules.windows()
    slots = list(ChannelSlot.objects.filter(channel=channel, at__gte=rules.counted_from(at, wanted[-1], resumed_at)))
    return {
        window: rules.total(_counts(slot) for slot in slots if slot.at >= rules.counted_from(at, window, resumed_at))
        for window in wanted
    }


def counts(channel_ids: Iterable[int], *, since: datetime) -> dict[int, Counts]:
    """What was counted of each number since a time; those of which nothing was are left out."""
    rows = ChannelSlot.objects.filter(channel_id__in=list(channel_ids), at__gte=since)
    sums = [Sum(name) for name in _NAMES]
    summed = rows.order_by().values_list("channel_id").annotate(*sums)
    return {row[0]: Counts(**dict(zip(_NAMES, row[1:], strict=True))) for row in summed}


def hours(channel: Channel, *, at: datetime, many: int = 24) -> list[Point]:
    """The last hours, oldest first, empty ones too; each begins at the full hour."""
    last = at.replace(minute=0, second=0, microsecond=0)
    starts = [last - timedelta(hours=many - 1 - n) for n in range(many)]
    return _points(channel, starts, timedelta(hours=1))


def days(channel: Channel, *, midnight: datetime, many: int = 14) -> list[Point]:
    """The last days, oldest first, up to the one that began at `midnight`."""
    starts = [midnight - timedelta(days=many - 1 - n) for n in range(many)]
    return _points(channel, starts, timedelta(days=1))


def _points(channel: Channel, starts: list[datetime], width: timedelta) -> list[Point]:
    summed = {start: Counts() for start in starts}
    rows = ChannelSlot.objects.filter(channel=channel, at__gte=starts[0], at__lt=starts[-1] + width)
    for slot in rows:
        start = starts[int((slot.at - starts[0]) / width)]
        summed[start] = summed[start].plus(_counts(slot))
    return [Point(at=start, counts=summed[start]) for start in starts]


def _counts(slot: ChannelSlot) -> Counts:
    return Counts(**{name: getattr(slot, name) for name in _NAMES})
