"""Periodic jobs of effort."""

from __future__ import annotations

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from twoway.conversations.effort.actions import forget_old


@app.periodic(cron="53 3 * * *", periodic_id="effort")
@app.task(name="conversations.effort.forget", queue="slow", queueing_lock="conversations.effort.forget")
def forget(timestamp: int) -> None:
    """Delete sums of long ago. `timestamp` is the minute this job was made for, in seconds."""
    forget_old(at=datetime.now(UTC))
