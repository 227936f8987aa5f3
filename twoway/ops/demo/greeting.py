"""The demo's automatic replies: on for one number, with answers to estimate from and promises kept and broken."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from twoway.channels.models import Channel
from twoway.channels.queries import calendar_for
from twoway.messaging.greeting import actions, live
from twoway.messaging.greeting.actions import Wish
from twoway.messaging.greeting.models import Correction, FirstWait, GreetingSettings, Promise
from twoway.messaging.greeting.wait import rules
from twoway.ops.demo.threads import Cast

DAYS = 28
WEEKEND = 5
_SEED = 1848


def greet(*, cast: Cast, channel: Channel, at: datetime) -> None:
    """Switch them on for this number, as if they had been for four weeks. In the caller's transaction."""
    ana = cast.of("Ana")
    for kind in ("welcome", "after_hours", "wait", "late"):
        actions.set_wording(wish=Wish(kind=kind, is_on=True, texts={}), by=ana, at=at, channel_id=channel.pk)
    GreetingSettings.objects.filter(workspace_id=channel.workspace_id).update(history_at=at)
    FirstWait.objects.bulk_create(_waits(channel, at))
    promises = list(_promises(channel, at))
    Promise.objects.bulk_create(promises)
    shift = 0.0
    for one in promises:
        shift = rules.learned(shift, kept=one.outcome == "kept", percentile=one.percentile)
    Correction.objects.create(channel=channel, shift=shift, promises=len(promises), changed_at=at)


def _waits(channel: Channel, at: datetime) -> Iterator[FirstWait]:
    """Two answers in each hour, five at weekends: enough to go by at whatever time somebody looks."""
    rng = random.Random(_SEED)  # noqa: S311 - a story, not a secret
    calendar = calendar_for(channel.workspace_id, team_id=channel.team_id, channel_id=channel.pk, at=at)
    for hours in range(1, DAYS * 24):
        began = at - timedelta(hours=hours)
        hour = live.hour_of(calendar, began)
        for _ in range(5 if hour // 24 >= WEEKEND else 2):
            seconds = rng.lognormvariate(6.2, 0.6)
            yield FirstWait(
                workspace_id=channel.workspace_id,
                channel=channel,
                team_id=channel.team_id,
                episode=1,
                began_at=began,
                hour=hour,
                ended_at=began + timedelta(seconds=seconds),
                seconds=seconds,
            )


def _promises(channel: Channel, at: datetime) -> Iterator[Promise]:
    """Three a day; about four of five were kept, and those who waited longer were told."""
    rng = random.Random(_SEED)  # noqa: S311 - a story, not a secret
    for part in range(DAYS * 3, 0, -1):
        made = at - timedelta(hours=8 * part - rng.uniform(0, 5))
        said, waited = rng.choice((10, 15, 15, 20)), rng.lognormvariate(6.2, 0.6)
        due = made + timedelta(minutes=said)
        is_kept = waited <= said * 60
        warn = made + timedelta(seconds=rules.warns_after(said, 3))
        yield Promise(
            workspace_id=channel.workspace_id,
            channel=channel,
            team_id=channel.team_id,
            episode=1,
            percentile=80,
            said_minutes=said,
            estimate_seconds=said * 60 - rng.uniform(0, 290),
            basis={"cases": 40, "span": "day", "looked_up": 0.8},
            made_at=made,
            due_at=due,
            warn_at=warn,
            warned_at=None if is_kept else warn,
            answered_at=made + timedelta(seconds=waited),
            waited_seconds=waited,
            outcome="kept" if is_kept else "broken",
            settled_at=made + timedelta(seconds=waited),
        )
