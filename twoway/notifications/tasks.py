"""Periodic jobs of notifications."""

from __future__ import annotations

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from twoway.notifications import digest


@app.periodic(cron="* * * * *", periodic_id="digest")
@app.task(name="notifications.digest", queue="slow", queueing_lock="notifications.digest", lock="notifications.digest")
def send_digests(timestamp: int) -> None:
    """Mail what members haven't seen. `timestamp` is the minute this job was made for, in seconds."""
    digest.send_due(at=datetime.now(UTC))
