"""Periodic jobs of channels."""

from __future__ import annotations

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from twoway.channels.templates import refreshing


@app.periodic(cron="41 4 * * *", periodic_id="templates")
@app.task(name="channels.templates", queue="slow", queueing_lock="channels.templates")
def refresh_templates(timestamp: int) -> None:
    """Once a day: fetch the templates of every WhatsApp number. `timestamp` is the minute it was made for."""
    refreshing.refresh_all(at=datetime.now(UTC))
