"""Periodic jobs of the forecast."""

from __future__ import annotations

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from twoway.analytics.forecast.actions import AGAIN_AT_NIGHT, count_all, forget_old


@app.periodic(cron="4,34 * * * *", periodic_id="half_hours")
@app.task(name="analytics.forecast.count", queue="slow", queueing_lock="analytics.forecast.count")
def count_recent(timestamp: int) -> None:
    """Count the half hour that passed. `timestamp` is the minute this job was made for, in seconds."""
    count_all(at=datetime.now(UTC))


@app.periodic(cron="47 3 * * *", periodic_id="half_hours_again")
@app.task(name="analytics.forecast.again", queue="slow", queueing_lock="analytics.forecast.again")
def count_again(timestamp: int) -> None:
    """Count the last week again, as answers came to it since, and let go of what is old."""
    at = datetime.now(UTC)
    count_all(at=at, again=AGAIN_AT_NIGHT)
    forget_old(at=at)
