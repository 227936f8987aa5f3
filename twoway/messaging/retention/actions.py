"""Running a sweep or a count with its report, and doing what people asked for under their rights."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import DatabaseError

from twoway.compliance.retention.actions import begin_run, finish_run
from twoway.compliance.retention.models import RetentionPolicy, RetentionRun
from twoway.messaging.retention import sweeping
from twoway.teams.actor import Actor, system

log = structlog.get_logger(__name__)

FAILED = "It stopped half-way: the database or the store had trouble. The next sweep goes on where it was."


def run(*, is_dry: bool, by: Actor, at: datetime) -> RetentionRun:
    """Sweep the workspace, or only count what a sweep would delete; the report. Raises `NotAllowed`, `Refused`."""
    report = begin_run(is_dry=is_dry, by=by, at=at)
    return work(report, at=at)


def work(report: RetentionRun, *, at: datetime) -> RetentionRun:
    """Do what an open report is for and close it; one whose trouble is written down is closed too."""
    act = sweeping.count if report.is_dry else sweeping.sweep
    try:
        lines = act(workspace_id=report.workspace_id, at=at)
    except (DatabaseError, OSError):
        log.exception("retention_stopped", workspace_id=report.workspace_id, run_id=report.pk)
        finish_run(run=report, lines=(), at=at, error=FAILED)
    else:
        finish_run(run=report, lines=lines, at=at)
        log.info("retention_done", workspace_id=report.workspace_id, is_dry=report.is_dry)
    return report


def sweep_all(*, at: datetime) -> int:
    """The nightly sweep of every workspace that switched deletion on; how many."""
    workspaces = RetentionPolicy.objects.filter(is_on=True).order_by("workspace_id")
    for workspace_id in workspaces.values_list("workspace_id", flat=True):
        run(is_dry=False, by=system(workspace_id), at=at)
    return len(workspaces)
