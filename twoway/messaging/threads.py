"""Reading a log from any place: backwards, forwards, from a day on, and over several conversations with one person.

Whoever calls has made sure that the reader may see each of the conversations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from twoway.messaging.models import Message

__all__ = ["Sizes", "first_from", "is_of", "sizes", "texts_before", "texts_from"]

_FAR = 2**63 - 1
_SEVERAL = """
    SELECT near.id FROM unnest(%(threads)s::bigint[]) AS thread(id)
    CROSS JOIN LATERAL (
        SELECT m.id FROM message m
        WHERE m.conversation_id = thread.id AND m.id >= %(least)s AND m.id < %(before)s
        ORDER BY m.id {order} LIMIT %(limit)s) near
    ORDER BY near.id {order} LIMIT %(limit)s
"""
# The subtraction keeps the planner from walking the index by time through everybody's texts.
_FIRST = """
    SELECT m.id FROM message m
    WHERE m.conversation_id = ANY(%(threads)s) AND m.created_at - %(at)s >= interval '0'
    ORDER BY m.id LIMIT 1
"""
_SIZES = """
    SELECT width_bucket(m.created_at, %(bounds)s::timestamptz[]), count(*), min(m.id), max(m.id)
    FROM message m WHERE m.conversation_id = %(thread)s GROUP BY 1
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sizes:
    """How many texts stand in a stretch of time, and the ids of its outermost."""

    texts: int
    first_id: int
    last_id: int


def texts_before(threads: Sequence[int], *, before_id: int = _FAR, limit: int) -> list[Message]:
    """The newest texts before one (left out), oldest first."""
    return list(reversed(_texts(threads, least=0, before_id=before_id, limit=limit, order="DESC")))


def texts_from(threads: Sequence[int], *, from_id: int, limit: int) -> list[Message]:
    """The oldest texts from one on (included), oldest first."""
    return _texts(threads, least=from_id, before_id=_FAR, limit=limit, order="ASC")


def _texts(threads: Sequence[int], *, least: int, before_id: int, limit: int, order: str) -> list[Message]:
    sign = "-" if order == "DESC" else ""
    if len(threads) == 1:
        rows = Message.objects.filter(conversation_id=threads[0], id__gte=least, id__lt=before_id)
        return list(rows.order_by(f"{sign}id")[:limit])
    asked = {"threads": list(threads), "least": least, "before": before_id, "limit": limit}
    ids = [row[0] for row in _rows(_SEVERAL.format(order=order), asked)]
    return list(Message.objects.filter(id__in=ids).order_by(f"{sign}id")) if ids else []


def first_from(threads: Sequence[int], *, at: datetime) -> int | None:
    """The first text at or after a moment, None when there is none. Reads the threads up to it."""
    found = _rows(_FIRST, {"threads": list(threads), "at": at})
    return int(found[0][0]) if found else None


def is_of(threads: Sequence[int], message_id: int) -> bool:
    """Whether a text is of one of these conversations."""
    return Message.objects.filter(id=message_id, conversation_id__in=list(threads)).exists()


def sizes(conversation_id: int, bounds: Sequence[datetime]) -> dict[int, Sizes]:
    """What stands between moments in order, by number: 0 before the first, 1 from the first on, and so forth.

    A stretch without texts is not in it. Reads the whole thread, once.
    """
    rows = _rows(_SIZES, {"bounds": list(bounds), "thread": conversation_id})
    return {int(number): Sizes(texts=texts, first_id=first, last_id=last) for number, texts, first, last in rows}


def _rows(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
