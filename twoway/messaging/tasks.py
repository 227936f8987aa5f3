"""Periodic jobs of messaging."""

from __future__ import annotations

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from twoway.messaging import comparing, quarantine


@app.periodic(cron="*/5 * * * *", periodic_id="gaps")
@app.task(name="messaging.gaps", queue="slow", queueing_lock="messaging.gaps", lock="messaging.gaps")
def gaps(timestamp: int) -> None:
    """Compare with the providers' lists. `timestamp` is the minute this job was made for, in seconds."""
    comparing.compare_all(at=datetime.now(UTC))


@app.periodic(cron="29 3 * * *", periodic_id="old_outcomes")
@app.task(name="messaging.forget", queue="slow", queueing_lock="messaging.forget")
def forget(timestamp: int) -> None:
    """Once a day: forget old outcomes of comparisons, and what lay in quarantine too long."""
    at = datetime.now(UTC)
    comparing.forget_old(at=at)
    quarantine.expire(at=at)
