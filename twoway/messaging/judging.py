"""The worker's loop that reads what customers wrote and hears whether they ask to stop.

One worker at a time does it, in batches, after the texts were stored: judging takes some milliseconds of CPU a text,
which intake must not wait for. The model is in a process of its own, which ends when nobody writes. Every text is
looked at: ids are taken in order, and looked over again while a transaction that took a lower id may still commit. What
was judged twice changes nothing the second time.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import groupby
from time import monotonic

import psycopg
import structlog
from asgiref.sync import sync_to_async
from django.db import DatabaseError, close_old_connections, connection, transaction

from twoway.compliance.revocation import queries, rules
from twoway.compliance.revocation.apart import Apart
from twoway.compliance.revocation.models import JudgedUpTo
from twoway.messaging import revoking
from twoway.messaging.models import Direction, Message

log = structlog.get_logger(__name__)

LOOK_EVERY = 0.5
MOST_AT_ONCE = 100
LATE_AFTER = 60.0
"""Seconds a transaction may take between its id and its commit; intake breaks off after five."""
SWEEP_EVERY = 15.0
REST_AFTER = 10.0
"""Seconds without a text to read for its meaning, after which the process that reads is ended."""
MOST_DOUBLINGS = 7
"""How often the pause between two looks doubles while they fail: up to a minute."""
EXPIRE_EVERY = 60.0
TOO_OLD = timedelta(days=14)
"""Texts that came in later than this are history: imported, or restored."""


class Reader:
    """Where this worker has read to. `_seen` are the ids of the last minute, `_marks` when the highest was which."""

    def __init__(self, apart: Apart) -> None:
        self._apart = apart
        self._high = 0
        self._seen: OrderedDict[int, float] = OrderedDict()
        self._marks: deque[tuple[float, int]] = deque()
        self._sweep_at = 0.0

    def round(self, *, at: datetime) -> int:
        """Judge what is new; how many texts. Another worker at it: none."""
        with transaction.atomic():
            if not _is_ours():
                return 0
            place = _place()
            if self._high < place.message_id:
                self._high = place.message_id
            found = self._new(place.message_id)
            for row in found:
                self._seen[row.id] = monotonic()
            _hear(found, apart=self._apart, at=at)
            self._advance(place)
        return len(found)

    def _new(self, safe: int) -> list[Message]:
        """The next texts above what was read, and now and then those that came late under it."""
        rows = Message.objects.filter(direction=Direction.IN).select_related("channel__workspace", "identity")
        found = list(rows.filter(id__gt=self._high).order_by("id")[:MOST_AT_ONCE])
        if found:
            self._high = found[-1].id
        if monotonic() >= self._sweep_at:
            self._sweep_at = monotonic() + SWEEP_EVERY
            under = Message.objects.filter(id__gt=safe, id__lte=self._high, direction=Direction.IN)
            late = set(under.values_list("id", flat=True)) - self._seen.keys() - {row.id for row in found}
            found.extend(rows.filter(id__in=late).order_by("id"))
        return found

    def _advance(self, place: JudgedUpTo) -> None:
        """What was the highest id a minute ago has nothing under it that could still come."""
        now = monotonic()
        self._marks.append((now, self._high))
        safe = place.message_id
        while self._marks and now - self._marks[0][0] >= LATE_AFTER:
            safe = max(safe, self._marks.popleft()[1])
        while self._seen and next(iter(self._seen)) <= safe:
            self._seen.popitem(last=False)
        if safe > place.message_id:
            JudgedUpTo.objects.filter(id=place.pk).update(message_id=safe)


def _is_ours() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('judging of texts', 0))")
        found = cursor.fetchone()
    return bool(found and found[0])


def _place() -> JudgedUpTo:
    """Where to go on. A migration wrote where the first text after it begins."""
    return JudgedUpTo.objects.first() or JudgedUpTo.objects.create(message_id=0)


def _hear(found: Sequence[Message], *, apart: Apart, at: datetime) -> None:
    """Judge a batch, workspace by workspace, and do what each text asks for; one that fails holds up no other."""
    recent = [row for row in found if row.body and at - row.created_at <= TOO_OLD]
    by_workspace = sorted(recent, key=lambda row: (row.workspace_id, row.id))
    for workspace_id, group in groupby(by_workspace, key=lambda row: row.workspace_id):
        rows = list(group)
        own = queries.words_by_fold(workspace_id)
        verdicts = rules.judged([row.body for row in rows], by_meaning=apart.by_meaning, own=own)
        for row, verdict in zip(rows, verdicts, strict=True):
            try:
                done = revoking.hear(message=row, verdict=verdict, at=at)
            except Exception as error:  # the next text must have its turn
                log.error("judging_failed", trace=row.trace, message_id=row.id, exc_info=error)
            else:
                if done:
                    log.info("revocation_heard", trace=row.trace, message_id=row.id, done=done)


def _round(reader: Reader, apart: Apart, expires: bool) -> int:
    close_old_connections()
    at = datetime.now(UTC)
    if expires:
        revoking.expire(at=at)
    judged = reader.round(at=at)
    if not judged:
        apart.rest(unused_for=REST_AFTER)
    return judged


async def run(stop: asyncio.Event) -> None:
    """Judge until `stop` is set; a lost database only makes it wait."""
    apart = Apart()
    try:
        await _judge(apart, stop)
    finally:
        apart.end()


async def _judge(apart: Apart, stop: asyncio.Event) -> None:
    reader, expire_at, failures = Reader(apart), 0.0, 0
    work = sync_to_async(_round, thread_sensitive=False)
    while not stop.is_set():
        try:
            expires = monotonic() >= expire_at
            judged = await work(reader, apart, expires)
            failures = 0
            if expires:
                expire_at = monotonic() + EXPIRE_EVERY
        except (DatabaseError, psycopg.Error) as error:
            log.warning("judging_waits_for_database", why=str(error))
            reader, judged = Reader(apart), 0  # what the lost round had read is read again
        except Exception as error:  # a broken model must not take the other loops along
            log.error("judging_failed", exc_info=error)
            reader, judged, failures = Reader(apart), 0, failures + 1
        if judged < MOST_AT_ONCE:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY * 2 ** min(failures, MOST_DOUBLINGS)):
                    await stop.wait()
