"""Reads of the machinery itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from twoway.ops.models import WorkerBeat

ALIVE_FOR = timedelta(seconds=20)
"""How old a worker's last beat may be: four of its intervals."""


def workers_alive(at: datetime) -> int:
    """How many workers gave a sign of life within the 20 seconds before `at`."""
    return WorkerBeat.objects.filter(beat_at__gte=at - ALIVE_FOR).count()
