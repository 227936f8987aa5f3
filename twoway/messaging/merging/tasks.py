"""Jobs of merging."""

from __future__ import annotations

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from twoway.messaging.merging import actions


@app.periodic(cron="* * * * *", periodic_id="merge_strays")
@app.task(name="messaging.merging.strays", queue="default", queueing_lock="messaging.merging.strays")
def strays(timestamp: int) -> None:
    """Each minute: bring over what began with a contact while it was merged. `timestamp` is the minute."""
    actions.gather_strays(at=datetime.now(UTC))


@app.periodic(cron="41 3 * * *", periodic_id="merge_forget")
@app.task(name="messaging.merging.forget", queue="slow", queueing_lock="messaging.merging.forget")
def forget(timestamp: int) -> None:
    """Once a day: forget what could be undone until now."""
    actions.forget(at=datetime.now(UTC))
