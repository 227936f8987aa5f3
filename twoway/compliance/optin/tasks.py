"""Jobs of opting in."""

from __future__ import annotations

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from twoway.compliance.optin import actions
from twoway.compliance.optin.forms.actions import forget_tallies
from twoway.compliance.optin.imports import actions as imports
from twoway.compliance.optin.people import actions as people


@app.periodic(cron="*/10 * * * *", periodic_id="optin_expire")
@app.task(name="optin.expire", queue="slow", queueing_lock="optin.expire")
def expire(timestamp: int) -> None:
    """Close the requests nobody answered in time, and forget old counts. `timestamp` is the minute it was made for."""
    at = datetime.now(UTC)
    actions.expire(at=at)
    forget_tallies(at=at)
    imports.forget_files(at=at)
    people.forget(at=at)


@app.task(name="optin.import", queue="slow", retry=3)
def import_file(*, import_id: int) -> None:
    """Check a long file of sign-ups, or bring it in."""
    imports.work(import_id=import_id, at=datetime.now(UTC))


@app.task(name="contacts.import", queue="slow", retry=3)
def import_people(*, import_id: int) -> None:
    """Check a long file of people, or bring it in."""
    people.work(import_id=import_id, at=datetime.now(UTC))
