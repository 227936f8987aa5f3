"""The nightly sweep, and jobs somebody asked for."""

from __future__ import annotations

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from twoway.messaging.retention import actions

LOCK = "messaging.retention"


@app.periodic(cron="37 2 * * *", periodic_id="retention")
@app.task(name="messaging.retention.sweep", queue="slow", queueing_lock=LOCK, lock=LOCK)
def sweep(timestamp: int) -> None:
    """Once a night: delete what is past its time. `timestamp` is the minute this job was made for, in seconds."""
    actions.sweep_all(at=datetime.now(UTC))


@app.task(name="messaging.retention.request", queue="slow")
def request(request_id: int) -> None:
    """Make one copy, or erase one person."""
    actions.perform(request_id=request_id, at=datetime.now(UTC))


@app.task(name="messaging.retention.report", queue="slow", lock=LOCK)
def report(run_id: int) -> None:
    """Sweep or count because somebody asked for it."""
    actions.work_on(run_id=run_id, at=datetime.now(UTC))


@app.periodic(cron="*/10 * * * *", periodic_id="retention.resume")
@app.task(name="messaging.retention.resume", queue="slow", queueing_lock="messaging.retention.resume")
def resume(timestamp: int) -> None:
    """Every ten minutes: take up requests whose job was lost, and delete copies whose time is over."""
    actions.resume(at=datetime.now(UTC))
