"""The nightly sweep, and jobs somebody asked for."""

from __future__ import annotations

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from twoway.messaging.retention import actions

LOCK = "messaging.retention"


@app.periodic(cron="37 2 * * *", periodic_id="retention")
@app.task(name="messaging.retention.sweep", queue="slow", queueing_lock=LOCK, lock=LOCK)
def sweep(timestamp: int) -> None:
    """Once a night: delete what is past its time. `timestamp` is the minute this job was made for, in seconds."""
    actions.sweep_all(at=datetime.now(UTC))
