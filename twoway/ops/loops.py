"""What a worker does: the list of its loops.

Each is `async def run(stop: asyncio.Event) -> None` and ends soon after `stop`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar

LANES = ("hot", "default", "slow")
"""Lines of work: `hot` is what someone waits for, `slow` what may take minutes."""

HOT_LOOPS = {
    "delivery": "twoway.messaging.delivery.run",
    "reactions": "twoway.reactions.run",
    "numbers": "twoway.messaging.upkeep.run",
    "scheduling": "twoway.messaging.scheduling.loop.run",
    "callbacks": "twoway.messaging.callbacks.loop.run",
    "judging": "twoway.messaging.judging.run",
    "indexing": "twoway.messaging.search.indexing.run",
    "escalation": "twoway.routing.escalation.loop.run",
    "routing": "twoway.routing.loop.run",
    "notifications": "twoway.notifications.loop.run",
    "greeting": "twoway.messaging.greeting.loop.run",
    "unanswered": "twoway.messaging.unanswered.run",
    "clocks": "twoway.sla.loop.run",
    "pushing": "twoway.notifications.pushing.run",
    "media": "twoway.messaging.media.fetching.run",
    "calls": "twoway.messaging.calls.loop.run",
}
LANE_LOOPS = {
    "housekeeping": "twoway.ops.housekeeping.run",
}
DEMO_LOOPS = {
    "demo": "twoway.ops.demo.attending.run",
}
"""Only of the worker that `twoway serve --demo` starts."""

lanes_served: ContextVar[tuple[str, ...]] = ContextVar("lanes_served", default=LANES)
"""The lanes of this worker, for loops that serve several."""


def loops_for(lanes: Sequence[str]) -> dict[str, str]:
    """The loops, by name, of a worker for these lanes."""
    return {**(HOT_LOOPS if "hot" in lanes else {}), **LANE_LOOPS}
