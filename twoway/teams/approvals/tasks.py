"""Periodic jobs of two-person rules."""

from __future__ import annotations

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from twoway.teams.approvals import actions


@app.periodic(cron="23 * * * *", periodic_id="approvals")
@app.task(name="teams.approvals.expire", queue="slow", queueing_lock="teams.approvals.expire")
def expire(timestamp: int) -> None:
    """Once an hour: close what nobody answered in time. `timestamp` is the minute this job was made for, in seconds."""
    actions.expire(at=datetime.now(UTC))
