"""What runs by the clock: consent and requests whose time is over get their entry in the ledger."""

from __future__ import annotations

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from twoway.compliance.consent import actions


@app.periodic(cron="*/10 * * * *", periodic_id="consent")
@app.task(name="compliance.consent.expire", queue="slow", queueing_lock="compliance.consent.expire")
def expire(timestamp: int) -> None:
    """Write `expired` for what is due; a decision about a text looks at the time itself and doesn't wait for this."""
    while actions.expire_due(at=datetime.now(UTC)):
        pass
