"""What waits to be sent, number by number: how much, since when, and why it still waits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

_WAITING = """
    SELECT c.id, q.count, q.oldest
    FROM unnest(%(channels)s::bigint[]) AS c(id)
    CROSS JOIN LATERAL (
        SELECT count(*) AS count, min(coalesce(m.send_after, m.created_at)) AS oldest
        FROM message m WHERE m.channel_id = c.id AND m.status = 'queued') AS q
    WHERE q.count > 0
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """The queue of one number. `oldest` is since when its oldest text could have left."""

    count: int = 0
    oldest: datetime | None = None

    def age(self, at: datetime) -> float:
        """Seconds the oldest text has waited; 0 when none does."""
        return max((at - self.oldest).total_seconds(), 0.0) if self.oldest is not None else 0.0


def waiting(channel_ids: Iterable[int]) -> dict[int, Waiting]:
    """The queues of these numbers that are not empty."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, {"channels": list(channel_ids)})
        return {row[0]: Waiting(count=row[1], oldest=row[2]) for row in cursor.fetchall()}
