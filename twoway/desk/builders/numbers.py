"""How a number is doing, in words and in bars: for the pages about health, pools and limits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.utils import timezone

from twoway.channels.brands.queries import Brand, Usage
from twoway.channels.health import queries as health
from twoway.channels.health import rules
from twoway.channels.health.queries import ChannelState, Counts, Point
from twoway.channels.queries import Channel
from twoway.desk.words import clock_words, date_words, span_words
from twoway.lib.words import noted, t
from twoway.messaging.queues import Waiting, waiting
from twoway.sms import phone

Tone = Literal["ok", "warn", "danger", "line", ""]

_STANDS: dict[str, tuple[str, str, Tone]] = {
    "up": (noted("In use"), "check", "ok"),
    "paused": (noted("Paused"), "pause", "danger"),
    "down": (noted("Can't be reached"), "wifi", "danger"),
    "retiring": (noted("Retiring"), "hourglass", "warn"),
    "retired": (noted("Retired"), "history", "line"),
    "off": (noted("Switched off"), "lock", "line"),
}
_GRADES: dict[str, str] = {"bad": noted("Carriers or people object"), "watch": noted("Worth watching")}


@dataclass(frozen=True, kw_only=True, slots=True)
class Badge:
    """A state: words, an icon and a tone, so that colour is never alone."""

    words: str
    icon: str
    tone: Tone


def halted(channels: Sequence[Channel], *, at: datetime) -> dict[int, Badge]:
    """Of these numbers, those that don't send at this time although they are switched on; by channel id."""
    found = {}
    kept = health.states(channels)
    for channel in channels:
        stand = health.stand_of(channel, kept[channel.pk], at=at)
        if stand not in {"up", "off"}:
            words, icon, tone = _STANDS[stand]
            found[channel.pk] = Badge(words=t(words), icon=icon, tone=tone)
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One number in the list. Shares are words: "98%", or "" when nothing is known."""

    id: int
    name: str
    number: str
    badge: Badge
    pool: str
    sent: int
    delivered: str
    failed: str
    filtered: str
    opted_out: str
    remark: str
    waiting: int
    waits_for: str


def badge(channel: Channel, state: ChannelState, *, at: datetime) -> Badge:
    """How a number stands."""
    words, icon, tone = _STANDS[health.stand_of(channel, state, at=at)]
    return Badge(words=t(words), icon=icon, tone=tone)


def rows(channels: Sequence[Channel], *, at: datetime, region: str) -> list[Row]:
    """The numbers with what happened to their texts in the last 24 hours."""
    ids = [channel.pk for channel in channels]
    states = health.states(channels)
    counts = health.counts(ids, since=at - timedelta(hours=24))
    queues = waiting(ids)
    return [
        _row(
            channel,
            states[channel.pk],
            counts.get(channel.pk, Counts()),
            queues.get(channel.pk, Waiting()),
            at=at,
            region=region,
        )
        for channel in channels
    ]


def _row(channel: Channel, state: ChannelState, counts: Counts, queue: Waiting, *, at: datetime, region: str) -> Row:
    return Row(
        id=channel.pk,
        name=channel.name,
        number=phone.pretty(channel.address, region=region),
        badge=badge(channel, state, at=at),
        pool=channel.pool.name if channel.pool else "",
        sent=counts.sent,
        delivered=percent(counts.delivered_share),
        failed=percent(counts.failed_share),
        filtered=percent(counts.filtered_share),
        opted_out=percent(counts.opted_out_share if counts.sent else None),
        remark=t(_GRADES.get(rules.grade(counts), "")),
        waiting=queue.count,
        waits_for=span_words(queue.age(at)) if queue.count else "",
    )


def percent(share: float | None) -> str:
    """A share as people read it: "98%", "0.4%" when it is small, "" when there is none."""
    if share is None:
        return ""
    hundred = share * 100
    if 0 < hundred < 1:
        return f"{hundred:.1f}%"
    return f"{min(int(hundred + 0.5), 99) if hundred < 100 else 100}%"


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One bar of a chart, in units of its view box, and the same in figures."""

    x: float
    width: float
    good_y: float
    good: float
    bad_y: float
    bad: float
    label: str
    sent: int
    delivered: int
    failed: int
    filtered: int
    opted_out: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """Delivered and failed texts over time. `words` say the sum for whoever does not see bars."""

    title: str
    words: str
    first: str
    last: str
    bars: tuple[Bar, ...]
    is_empty: bool


WIDTH, HEIGHT, GAP = 480.0, 72.0, 2.0


def chart(title: str, points: Sequence[Point], *, by_hour: bool) -> Chart:
    """The bars of some hours or days."""
    most = max((one.counts.judged for one in points), default=0)
    step = WIDTH / max(len(points), 1)
    labels = [_label(point.at, by_hour=by_hour) for point in points]
    summed = rules.total(point.counts for point in points)
    return Chart(
        title=title,
        words=t(
            "{delivered} delivered, {failed} failed, {opted_out} opted out.",
            delivered=summed.delivered,
            failed=summed.failed,
            opted_out=summed.opted_out,
        ),
        first=labels[0] if labels else "",
        last=labels[-1] if labels else "",
        bars=tuple(
            _bar(point.counts, label, x=number * step, width=step - GAP, most=most)
            for number, (point, label) in enumerate(zip(points, labels, strict=True))
        ),
        is_empty=most == 0,
    )


def _bar(counts: Counts, label: str, *, x: float, width: float, most: int) -> Bar:
    unit = HEIGHT / most if most else 0.0
    good, bad = max(counts.delivered, 0) * unit, max(counts.failed, 0) * unit
    return Bar(
        x=round(x, 2),
        width=round(width, 2),
        good_y=round(HEIGHT - good, 2),
        good=round(good, 2),
        bad_y=round(max(HEIGHT - good - bad, 0.0), 2),
        bad=round(bad, 2),
        label=label,
        sent=counts.sent,
        delivered=counts.delivered,
        failed=counts.failed,
        filtered=counts.filtered,
        opted_out=counts.opted_out,
    )


def _label(at: datetime, *, by_hour: bool) -> str:
    local = timezone.localtime(at)
    return clock_words(local) if by_hour else date_words(local, this_year=local.year)


@dataclass(frozen=True, kw_only=True, slots=True)
class BrandRow:
    """A brand with today's use. `bar` is what the progress bar shows, `tone` how it looks."""

    id: int
    name: str
    usage: Usage
    bar: int
    badge: Badge
    used: str
    resets: str
    campaigns: tuple[str, ...]


def brand_row(brand: Brand, usage: Usage, *, at: datetime) -> BrandRow:
    """One brand of the list."""
    return BrandRow(
        id=brand.pk,
        name=brand.name,
        usage=usage,
        bar=usage.percent or 0,
        badge=_usage_badge(usage),
        used=f"{usage.segments:,}"
        if usage.cap is None
        else t("{used} of {cap}", used=f"{usage.segments:,}", cap=f"{usage.cap:,}"),
        resets=span_words(max((usage.resets_at - at).total_seconds(), 0.0)),
        campaigns=tuple(campaign.name for campaign in brand.campaigns.all()),
    )


def _usage_badge(usage: Usage) -> Badge:
    if usage.is_held:
        return Badge(words=t("Held until the reset"), icon="pause", tone="danger")
    if usage.level >= 50:
        return Badge(words=t("{percent}% used", percent=usage.percent), icon="alert", tone="warn")
    if usage.cap is None:
        return Badge(words=t("No limit"), icon="check", tone="line")
    return Badge(words=t("{percent}% used", percent=usage.percent), icon="check", tone="ok")


def options(channels: Iterable[Channel], *, region: str) -> list[tuple[int, str]]:
    """Numbers to choose from, as a form shows them."""
    return [(one.pk, label(one, region=region)) for one in channels]


def label(channel: Channel, *, region: str) -> str:
    """A number with its name: "Support, (503) 555-0142"."""
    number = phone.pretty(channel.address, region=region)
    return f"{channel.name}, {number}" if channel.name else number
