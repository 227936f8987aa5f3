"""Periodic jobs of messaging."""

from __future__ import annotations

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from twoway.messaging import comparing, guarding, parts, pricing, quarantine
from twoway.messaging.cost import warnings


@app.periodic(cron="*/5 * * * *", periodic_id="gaps")
@app.task(name="messaging.gaps", queue="slow", queueing_lock="messaging.gaps", lock="messaging.gaps")
def gaps(timestamp: int) -> None:
    """Compare with the providers' lists. `timestamp` is the minute this job was made for, in seconds."""
    comparing.compare_all(at=datetime.now(UTC))


@app.periodic(cron="29 3 * * *", periodic_id="old_outcomes")
@app.task(name="messaging.forget", queue="slow", queueing_lock="messaging.forget")
def forget(timestamp: int) -> None:
    """Once a day: forget old outcomes of comparisons, and what lay in quarantine too long."""
    at = datetime.now(UTC)
    comparing.forget_old(at=at)
    quarantine.expire(at=at)


@app.periodic(cron="* * * * *", periodic_id="prices")
@app.task(name="messaging.prices", queue="default", queueing_lock="messaging.prices", lock="messaging.prices")
def prices(timestamp: int) -> None:
    """Each minute: take reported prices, price what came in, and tell of budgets that are nearly used up."""
    at = datetime.now(UTC)
    pricing.take_reported(at=at)
    pricing.price_inbound(at=at)
    warnings.tell(at=at)


@app.periodic(cron="*/5 * * * *", periodic_id="late_prices")
@app.task(name="messaging.late_prices", queue="slow", queueing_lock="messaging.late_prices", lock="messaging.prices")
def late_prices(timestamp: int) -> None:
    """Ask the providers that set a price some time after a text left."""
    pricing.ask_providers(at=datetime.now(UTC))


@app.periodic(cron="* * * * *", periodic_id="parts")
@app.task(name="messaging.parts", queue="default", queueing_lock="messaging.parts", lock="messaging.parts")
def show_parts(timestamp: int) -> None:
    """Each minute: show long texts of which a part did not come."""
    parts.sweep(at=datetime.now(UTC))


@app.periodic(cron="*/5 * * * *", periodic_id="guard")
@app.task(name="messaging.guard", queue="default", queueing_lock="messaging.guard", lock="messaging.guard")
def ask_silent(timestamp: int) -> None:
    """Every five minutes: ask those who never answer, once, in place of what the guard stopped."""
    guarding.ask_silent(at=datetime.now(UTC))
