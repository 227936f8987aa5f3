"""The worker's loop that indexes what was written, about a second after it was committed.

One worker at a time does it, in batches, in transactions of its own: intake never waits for it. Ids are taken in order,
and looked over again while a transaction that took a lower id may still commit. What is indexed twice changes nothing.
What was there before the index is taken up beside it, the newest first.
"""

from __future__ import annotations

import asyncio
from collections import deque
from time import monotonic

import psycopg
import structlog
from asgiref.sync import sync_to_async
from django.db import DatabaseError, close_old_connections, transaction

from twoway.messaging.search import actions
from twoway.messaging.search.models import SearchPlace

log = structlog.get_logger(__name__)

LOOK_EVERY = 1.0
LATE_AFTER = 60.0
"""Seconds a transaction may take between its id and its commit; intake breaks off after five."""
SWEEP_EVERY = 5.0
MOST_DOUBLINGS = 6
"""How often the pause between two looks doubles while they fail: up to a minute."""
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
    failed = 0
    while not stop.is_set():
        pause = LOOK_EVERY
        try:
            if await sync_to_async(_round, thread_sensitive=False)(indexer):
                pause = 0.05
            failed = 0
        except (DatabaseError, psycopg.Error) as error:
            failed = min(failed + 1, MOST_DOUBLINGS)
            log.warning("indexing_waits_for_database", why=str(error))
        except Exception:  # the loop must go on with what comes next
            failed = min(failed + 1, MOST_DOUBLINGS)
            log.exception("indexing_failed")
        try:
            async with asyncio.timeout(pause * 2**failed):
                await stop.wait()
        except TimeoutError:
            continue


def _round(indexer: Indexer) -> bool:
    close_old_connections()
    return indexer.round()
