"""Periodic jobs of conversations."""

from __future__ import annotations

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from twoway.conversations.actions import wake_due


@app.periodic(cron="* * * * *", periodic_id="wake")
@app.task(name="conversations.wake", queue="default", queueing_lock="conversations.wake")
def wake(timestamp: int) -> None:
    """Open what was snoozed until now. `timestamp` is the minute this job was made for, in seconds."""
    wake_due(at=datetime.now(UTC))
