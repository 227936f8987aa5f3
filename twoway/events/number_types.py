"""What happens to our numbers, brands and budgets, as events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from twoway.events.happened import Happened, HappenedBy


@dataclass(frozen=True, kw_only=True)
class SenderChanged(Happened):
    """A text leaves from another number of the pool than the one the person knows. `why` is a `pools.rules.Why`."""

    type = "sender_changed"
    is_shown = True
    channel_id: int | None = None
    sender: str = ""
    instead_of: str = ""
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class ChannelPaused(HappenedBy):
    """Nothing is sent from a number until `until`, or until somebody resumes it."""

    type = "channel_paused"
    channel_id: int
    code: str = ""
    words: str = ""
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ChannelResumed(HappenedBy):
    """A paused number sends again. `by_name` is empty when its time was over."""

    type = "channel_resumed"
    channel_id: int


@dataclass(frozen=True, kw_only=True)
class ChannelRetired(Happened):
    """A number's last day is over; people who text it are told of the successor."""

    type = "channel_retired"
    channel_id: int
    successor_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class BrandCapReached(Happened):
    """A brand has used this share, in percent, of what carriers let it send in a day."""

    type = "brand_cap_reached"
    brand_id: int
    level: int
    segments: int = 0
    cap: int = 0


@dataclass(frozen=True, kw_only=True)
class BudgetWarned(Happened):
    """A budget for texts is nearly (`level` "warn") or wholly ("reached") used up; told once in each period.

    `spent` and `amount` are in words, such as $8.20. A budget without a team and a channel is the workspace's.
    """

    type = "budget_warned"
    budget_id: int
    level: str
    percent: int
    spent: str
    amount: str
    team_id: int | None = None
    channel_id: int | None = None
