"""The jobs that keep the machinery itself clean."""

from __future__ import annotations

from datetime import UTC, datetime

from procrastinate import JobContext
from procrastinate.contrib.django import app

from twoway.ops import actions

KEEP_FINISHED_HOURS = 72


@app.periodic(cron="* * * * *")
@app.task(queue="hot", queueing_lock="ops.retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Have jobs whose worker died run again; they stay `doing` otherwise."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        await manager.retry_job(job)


@app.periodic(cron="17 3 * * *")
@app.task(queue="slow", queueing_lock="ops.clean_up")
def clean_up(timestamp: int) -> None:
    """Forget workers that died."""
    actions.forget_dead_workers(at=datetime.now(UTC))


@app.periodic(cron="47 3 * * *")
@app.task(queue="slow", queueing_lock="ops.remove_old_jobs", pass_context=True)
async def remove_old_jobs(context: JobContext, timestamp: int) -> None:
    """Delete failed and cancelled jobs three days after they ended; successful ones go at once."""
    await context.app.job_manager.delete_old_jobs(
        nb_hours=KEEP_FINISHED_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )
