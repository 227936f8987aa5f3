"""Who is there: what somebody chose, and whether a browser of theirs is open."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

State = Literal["online", "away", "break", "offline"]
STATES: tuple[State, ...] = ("online", "away", "break", "offline")
CHOICES: tuple[State, ...] = ("online", "away", "break")
"""What a member may choose; offline is what they are without a browser."""
AWAY_MINUTES = 2
"""After so many minutes without an open browser somebody is offline, unless the workspace says otherwise."""


def state_of(*, chosen: str, seen_at: datetime | None, at: datetime, away_minutes: int = AWAY_MINUTES) -> State:
    """What a member is at a moment. `seen_at` is when a browser of theirs was last open, None for never."""
    if seen_at is None or at - seen_at > timedelta(minutes=away_minutes):
        return "offline"
    return next((state for state in CHOICES if state == chosen), "away")


def gone_since(*, chosen: str, chosen_at: datetime, seen_at: datetime | None) -> datetime:
    """Since when somebody who is not online takes no work: when they chose so, or when they were last seen."""
    if chosen != "online":
        return chosen_at if seen_at is None else min(chosen_at, seen_at)
    return chosen_at if seen_at is None else seen_at
