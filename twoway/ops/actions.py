"""Writes of the machinery itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from twoway.ops.models import WorkerBeat

FORGET_AFTER = timedelta(hours=1)


def beat(*, name: str, host: str, pid: int, lanes: str, started_at: datetime, at: datetime) -> None:
    """Note that the worker `name` lives at `at`."""
    WorkerBeat.objects.update_or_create(
        name=name,
        defaults={"beat_at": at},
        create_defaults={"host": host, "pid": pid, "lanes": lanes, "started_at": started_at, "beat_at": at},
    )


def end_beat(*, name: str) -> None:
    """Note that the worker `name` has ended in order."""
    WorkerBeat.objects.filter(name=name).delete()


def forget_dead_workers(*, at: datetime) -> int:
    """Delete the beats of workers that ended without saying so, an hour after; returns how many."""
    deleted, _ = WorkerBeat.objects.filter(beat_at__lt=at - FORGET_AFTER).delete()
    return deleted
