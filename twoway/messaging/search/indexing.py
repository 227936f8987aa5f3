"""The worker's loop that indexes what was written, about a second after it was committed.

One worker at a time does it, in batches, in transactions of its own: intake never waits for it. Ids are taken in order,
and looked over again while a transaction that took a lower id may still commit. What is indexed twice changes nothing.
What was there before the index is taken up beside it, the newest first.
"""

from __future__ import annotations

import asyncio
from collections import deque
from time import monotonic

from asgiref.sync import sync_to_async
from django.db import close_old_connections, transaction

from twoway.lib.rounds import keep_at
from twoway.messaging.search import actions
from twoway.messaging.search.models import SearchPlace

LOOK_EVERY = 1.0
REST = 2.0
"""How long it rests after a full batch, as a multiple of what that took: delivery shares the processor with it."""
LATE_AFTER = 60.0
"""Seconds a transaction may take between its id and its commit; intake breaks off after five."""
SWEEP_EVERY = 5.0
FOLLOWED = ("text", "person")


class Follower:
    """How far this worker has read one kind of rows: `_high`, and when that was which."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._high = 0
        self._marks: deque[tuple[float, int]] = deque()
        self._sweep_at = 0.0

    def round(self) -> int:
        """Index what is new; how many ids further it came."""
        place = actions.place(self._kind)
        before = self._high = max(self._high, place.done_id)
        self._high = actions.put_new(self._kind, after=self._high)
        if monotonic() >= self._sweep_at:
            self._sweep_at = monotonic() + SWEEP_EVERY
            actions.put_late(self._kind, after=place.done_id, until=self._high)
        self._advance(place)
        return self._high - before

    def _advance(self, place: SearchPlace) -> None:
        """What was the highest id a minute ago has nothing under it that could still come."""
        now = monotonic()
        self._marks.append((now, self._high))
        safe = place.done_id
        while self._marks and now - self._marks[0][0] >= LATE_AFTER:
            safe = max(safe, self._marks.popleft()[1])
        if safe > place.done_id:
            SearchPlace.objects.filter(kind=self._kind).update(done_id=safe)


class Indexer:
    """One worker's indexing of everything."""

    def __init__(self) -> None:
        self._followers = [Follower(kind) for kind in FOLLOWED]

    def round(self) -> bool:
        """One batch of each; whether there may be more at once. Another worker at it: False."""
        with transaction.atomic():
            if not actions.is_ours():
                return False
            changed = actions.put_changed()
            further = [follower.round() for follower in self._followers]
        with transaction.atomic():
            earlier = sum(actions.put_earlier(kind) for kind in FOLLOWED) if actions.is_ours() else 0
        return earlier > 0 or changed >= actions.BATCH or max(further) >= actions.BATCH

    def catch_up(self) -> None:
        """Index everything there is now."""
        while self.round():
            pass


async def run(stop: asyncio.Event) -> None:
    """Index until `stop` is set; whatever a round raises only makes it wait."""
    indexer = Indexer()

    async def work() -> float:
        began = monotonic()
        has_more = await sync_to_async(_round, thread_sensitive=False)(indexer)
        return REST * (monotonic() - began) if has_more else LOOK_EVERY

    await keep_at(stop, work, name="search", every=LOOK_EVERY)


def _round(indexer: Indexer) -> bool:
    close_old_connections()
    return indexer.round()
