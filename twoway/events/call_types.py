"""Calls to and from text numbers, as events."""

from __future__ import annotations

from dataclasses import dataclass

from twoway.events.happened import Happened, HappenedBy


@dataclass(frozen=True, kw_only=True)
class CallStarted(HappenedBy):
    """Somebody called one of our numbers ("in"), or a member calls them from it ("out"). A line in the thread, which
    shows the call as it stands."""

    type = "call_started"
    is_shown = True
    call_id: int
    channel_id: int
    direction: str


@dataclass(frozen=True, kw_only=True)
class CallMissed(Happened):
    """Somebody called in vain and waits for us, once for each call: `reason` is missed or voicemail."""

    type = "call_missed"
    call_id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class CallEnded(Happened):
    """A call is over, or a message was left: `state` is completed, missed, voicemail or failed."""

    type = "call_ended"
    call_id: int
    direction: str
    state: str
