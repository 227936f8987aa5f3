"""Periodic jobs of numbers: whether their texts still come to us, how they are registered, and what is on order."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from twoway.channels.numbers import jobs, queries


@app.periodic(cron="*/30 * * * *", periodic_id="look_after_numbers")
@app.task(name="numbers.look_after_all", queue="slow", queueing_lock="numbers.look_after_all")
def look_after_all(timestamp: int) -> None:
    """Have every number looked at, each by a job of its own: a provider that hangs delays only its own."""
    for channel_id in queries.asked_numbers().values_list("id", flat=True):
        with suppress(AlreadyEnqueued):
            look_after.configure(queueing_lock=f"numbers.look_after.{channel_id}").defer(channel_id=channel_id)
    for order_id in queries.open_orders().values_list("id", flat=True):
        with suppress(AlreadyEnqueued):
            ask_order.configure(queueing_lock=f"numbers.ask_order.{order_id}").defer(order_id=order_id)


@app.task(name="numbers.look_after", queue="slow")
def look_after(*, channel_id: int) -> None:
    """Look at one number, if it is still in use."""
    channel = queries.asked_numbers().filter(id=channel_id).first()
    if channel is not None:
        jobs.look_after(channel=channel, at=datetime.now(UTC))


@app.task(name="numbers.ask_order", queue="slow")
def ask_order(*, order_id: int) -> None:
    """Look at one text-enabling order, if it is still open."""
    order = queries.open_orders().filter(id=order_id).first()
    if order is not None:
        jobs.ask_order(order=order, at=datetime.now(UTC))
