"""The worker's loop that fills queues and gives out who waits.

A round reads what happened (`events.following`), makes the entries of the conversations it was about right, writes
down who came and went, and gives out. Whatever a round did not finish, the next one does: nothing is kept in memory
that matters.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from asgiref.sync import sync_to_async
from django.db import close_old_connections

from twoway.events.following import BATCH, Seen, apart, follow
from twoway.lib.rounds import keep_at
from twoway.routing.actions.entering import FOLLOWER, begin_anew, enter, routed_workspaces, sweep
from twoway.routing.actions.giving_out import Memory, alone, give_out, return_from_gone
from twoway.routing.presence import actions as presence

LOOK_EVERY = 0.5
RETURN_EVERY = 5.0
SWEEP_EVERY = 30.0
TIDY_EVERY = 3600.0
BACK = frozenset({"conversation_woken", "conversation_reopened"})
FOLLOWED = BACK | {
    "message_received",
    "message_backfilled",
    "message_queued",
    "conversation_opened",
    "conversation_assigned",
    "conversation_unassigned",
    "conversation_snoozed",
    "conversation_done",
    "reply_lost",
    "answer_given",
    "call_ended",
}


@dataclass(slots=True)
class Rounds:
    """One worker's rounds: when it last did what isn't done each time. Times are seconds of the clock given."""

    memory: Memory = field(default_factory=Memory)
    routed: frozenset[int] = frozenset()
    done_at: dict[str, float] = field(default_factory=dict)

    def is_due(self, what: str, *, every: float, now: float) -> bool:
        """Whether it is time again; then it counts as done now."""
        if what in self.done_at and now - self.done_at[what] < every:
            return False
        self.done_at[what] = now
        return True

    def round_of(self, *, at: datetime) -> int:
        """One round; how many events were read. Where nobody has a queue it is one short query."""
        now = at.timestamp()
        routed, before = routed_workspaces(), self.routed
        self.routed = routed
        if self.is_due("tidy", every=TIDY_EVERY, now=now):
            presence.prune(at=at)
        if not routed:
            return 0
        if not before:
            begin_anew()
        read = follow(FOLLOWER, self._handle(at), types=FOLLOWED, at=at)
        presence.settle(at=at)
        if self.is_due("return", every=RETURN_EVERY, now=now):
            return_from_gone(at=at)
        is_time = self.is_due("sweep", every=SWEEP_EVERY, now=now)
        for workspace_id in sorted(routed if is_time else routed - before):
            with alone("sweep", workspace_id):
                sweep(workspace_id=workspace_id, at=at)
        give_out(at=at, memory=self.memory)
        return read

    def _handle(self, at: datetime) -> _Handle:
        return _Handle(self, at)


@dataclass(frozen=True, slots=True)
class _Handle:
    """What is done with a batch of events."""

    rounds: Rounds
    at: datetime

    def __call__(self, events: Sequence[Seen]) -> None:
        apart(events, self._enter, name=FOLLOWER)

    def _enter(self, events: Sequence[Seen]) -> None:
        changed: dict[int, set[int]] = defaultdict(set)
        back: dict[int, set[int]] = defaultdict(set)
        for event in events:
            if event.conversation_id is not None and event.workspace_id in self.rounds.routed:
                changed[event.workspace_id].add(event.conversation_id)
                if event.type in BACK:
                    back[event.workspace_id].add(event.conversation_id)
        for workspace_id in sorted(changed):
            enter(
                workspace_id=workspace_id,
                conversation_ids=changed[workspace_id],
                at=self.at,
                back=back[workspace_id],
            )
        self.rounds.memory.touched |= set(changed)


async def run(stop: asyncio.Event) -> None:
    """Route until `stop` is set; whatever a round raises only makes it wait."""
    rounds = Rounds()

    def work_once() -> int:
        close_old_connections()
        return rounds.round_of(at=datetime.now(UTC))

    async def work() -> float:
        read = await sync_to_async(work_once, thread_sensitive=False)()
        return 0.0 if read >= BATCH else LOOK_EVERY

    await keep_at(stop, work, name="routing", every=LOOK_EVERY)
