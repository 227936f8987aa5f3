"""Periodic jobs of pictures and files."""

from __future__ import annotations

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from twoway.messaging.media import actions


@app.periodic(cron="29 * * * *", periodic_id="media.sweep")
@app.task(name="messaging.media.sweep", queue="slow", queueing_lock="messaging.media.sweep")
def sweep(timestamp: int) -> None:
    """Delete files that belong to nothing any more. `timestamp` is the minute this job was made for, in seconds."""
    actions.sweep(at=datetime.now(UTC))
