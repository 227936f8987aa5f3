"""Running a sweep or a count with its report, and doing what people asked for under their rights."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import DatabaseError, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from twoway.compliance.retention.actions import begin_request, begin_run, finish_request, finish_run
from twoway.compliance.retention.models import (
    RequestKind,
    RequestState,
    RetentionPolicy,
    RetentionRun,
    RightsRequest,
)
from twoway.events.actions import audit
from twoway.lib.refusal import Invalid, Refused
from twoway.lib.words import noted, t
from twoway.messaging.retention import copies, erasing, sweeping
from twoway.teams.actor import Actor, system
from twoway.teams.approvals.gate import require_second
from twoway.teams.approvals.rules import Rule
from twoway.teams.rules import Right, require

log = structlog.get_logger(__name__)

CONFIRMATION = "ERASE"
NOT_DONE = noted("It could not be done now. Begin it again in a while; the log says why.")
FAILED = noted("It stopped half-way: the database or the store had trouble. The next sweep goes on where it was.")


def run(*, is_dry: bool, by: Actor, at: datetime) -> RetentionRun:
    """Sweep the workspace, or only count what a sweep would delete; the report. Raises `NotAllowed`, `Refused`."""
    report = begin_run(is_dry=is_dry, by=by, at=at)
    return work(report, at=at)


@transaction.atomic
def ask(*, is_dry: bool, by: Actor, at: datetime) -> RetentionRun:
    """Open a report and have a job fill it. Raises `NotAllowed`, `Refused`."""
    report = begin_run(is_dry=is_dry, by=by, at=at)
    app.configure_task("messaging.retention.report", queue="slow", lock="messaging.retention").defer(run_id=report.pk)
    return report


def work_on(*, run_id: int, at: datetime) -> None:
    """Do what an open report is for."""
    report = RetentionRun.objects.filter(id=run_id, finished_at=None).first()
    if report is not None:
        work(report, at=at)


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


@transaction.atomic
def start(*, request: RightsRequest, by: Actor, at: datetime, confirmation: str = "") -> RightsRequest:
    """Begin what a person asked for; a job does it. An erasure needs `ERASE` typed as its second confirmation.

    Raises `NotAllowed`, `Invalid`, `Refused` (legal_hold, closed), `SecondPersonNeeded`.
    """
    if request.kind == RequestKind.ERASE and confirmation.strip() != CONFIRMATION:
        raise Invalid(
            t("Type {confirmation} to confirm. It can't be undone.", confirmation=CONFIRMATION), field="confirmation"
        )
    row = begin_request(request=request, by=by, at=at)
    if row.kind == RequestKind.ERASE:
        require_second(by, Rule.ERASE)
    _defer(row.pk)
    return row


def perform(*, request_id: int, at: datetime) -> None:
    """Do what is under way. What can't be done now is marked as failed with the reason, and can be begun again."""
    row = RightsRequest.objects.filter(id=request_id, state=RequestState.DOING).first()
    if row is None:
        return
    by = system(row.workspace_id, name=f"for {row.done_by}"[:100])
    try:
        if row.kind == RequestKind.ERASE:
            done = erasing.erase(contact_id=row.contact_id, by=by, at=at)
            words = f"{_many(done.texts, 'text')}, {_many(done.files, 'file')}, {_many(done.notes, 'note')}."
            finish_request(request_id=row.pk, words=words, at=at)
        else:
            copies.delete(row)
            key, size = copies.make(contact_id=row.contact_id, at=at)
            finish_request(request_id=row.pk, words="", at=at, file=key, size=size)
    except Refused as refused:
        finish_request(request_id=row.pk, words=refused.sentence, at=at, is_failed=True)
    except Exception:  # a store may raise anything; a request must never hang as under way
        log.exception("request_failed", request_id=row.pk)
        finish_request(request_id=row.pk, words=NOT_DONE, at=at, is_failed=True)


def fetched(*, request: RightsRequest, by: Actor, at: datetime) -> None:
    """Note that somebody took the copy away.

    Raises `NotAllowed`, `SecondPersonNeeded`, `Refused` when it is there no more.
    """
    require(by, Right.MANAGE_COMPLIANCE)
    if request.file is None or request.file_until is None or request.file_until < at:
        raise Refused(t("This copy has expired. Make it again."), code="expired")
    require_second(by, Rule.EXPORT)
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action="request.export_fetched",
        subject=f"contact {request.contact_id}",
        data={"request": request.pk},
        at=at,
    )


def resume(*, at: datetime) -> int:
    """Take up requests whose job was lost, and forget copies whose time is over; how many were taken up."""
    copies.expire(at=at)
    lost = RightsRequest.objects.filter(state=RequestState.DOING).order_by("id").values_list("id", flat=True)
    for request_id in lost:
        _defer(request_id)
    return len(lost)


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _defer(request_id: int) -> None:
    lock = f"messaging.retention.request.{request_id}"
    job = app.configure_task("messaging.retention.request", queue="slow", lock=lock, queueing_lock=lock)
    try:
        with transaction.atomic():
            job.defer(request_id=request_id)
    except AlreadyEnqueued:
        log.info("request_waits_already", request_id=request_id)


def sweep_all(*, at: datetime) -> int:
    """The nightly sweep of every workspace that switched deletion on; how many."""
    workspaces = RetentionPolicy.objects.filter(is_on=True).order_by("workspace_id")
    for workspace_id in workspaces.values_list("workspace_id", flat=True):
        run(is_dry=False, by=system(workspace_id), at=at)
    return len(workspaces)
