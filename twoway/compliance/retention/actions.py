"""Setting how long data is kept, placing and lifting holds, and keeping the log of people's requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from twoway.compliance.retention import queries, rules
from twoway.compliance.retention.models import (
    LegalHold,
    RequestKind,
    RequestState,
    RetentionPolicy,
    RetentionRun,
    RightsRequest,
)
from twoway.compliance.retention.rules import KINDS, Kind, Line
from twoway.contacts.models import Contact
from twoway.events.actions import Detail, audit
from twoway.lib.refusal import Invalid, NotAllowed, Refused
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.queries import workspace_of
from twoway.teams.rules import Right, require

LONGEST_REASON = 300


@transaction.atomic
def set_policy(*, is_on: bool, days: Mapping[Kind, int | None], by: Actor, at: datetime) -> RetentionPolicy:
    """Say how many days each kind is kept (None: for good), and whether anything is deleted at all.

    Raises `NotAllowed`, `Invalid` with the kind as its field.
    """
    require(by, Right.MANAGE_COMPLIANCE)
    for kind in KINDS:
        why = rules.problem(kind, days[kind])
        if why:
            raise Invalid(why, field=f"{kind}_days", code="retention_days")
    row, _ = RetentionPolicy.objects.select_for_update().get_or_create(workspace_id=by.workspace_id)
    before: dict[str, Detail] = {"is_on": row.is_on}
    before.update({kind: getattr(row, f"{kind}_days") for kind in KINDS})
    if days["body"] != row.body_days:
        row.bodies_through = 0
    row.is_on = is_on
    for kind in KINDS:
        setattr(row, f"{kind}_days", days[kind])
    row.save()
    after: dict[str, Detail] = {"is_on": is_on}
    after.update({kind: days[kind] for kind in KINDS})
    if after != before:
        told: dict[str, Detail] = {}
        for name, value in after.items():
            if value != before[name]:
                told[f"{name}_before"], told[f"{name}_after"] = before[name], value
        _audit(by, "retention.changed", "workspace", told, at)
    return row


@transaction.atomic
def place_hold(*, reason: str, by: Actor, at: datetime, contact: Contact | None = None) -> LegalHold:
    """Stop the deletion of anything about this contact, or of anything at all. Raises `NotAllowed`, `Invalid`."""
    require(by, Right.MANAGE_COMPLIANCE)
    words = _clean(reason, t("Say why: a case, a letter, who asked."))
    lock_holds(by.workspace_id, is_shared=False)
    if contact is not None:
        _same_workspace(contact, by)
        if Contact.objects.select_for_update(no_key=True).get(id=contact.pk).erased_at is not None:
            raise Refused(t("This person was erased already."), code="erased")
    held = LegalHold.objects.filter(workspace_id=by.workspace_id, contact=contact, lifted_at=None).first()
    if held is not None:
        raise Invalid(t("It is on hold already."), field="reason", code="held")
    row = LegalHold.objects.create(
        workspace_id=by.workspace_id, contact=contact, reason=words, placed_at=at, placed_by=by.audit_name
    )
    _audit(by, "hold.placed", _whose(row), {"hold": row.pk}, at)
    return row


@transaction.atomic
def lift_hold(*, hold: LegalHold, by: Actor, at: datetime) -> None:
    """Let deletion go on. The next sweep looks again at everything the hold had kept. Raises `NotAllowed`."""
    require(by, Right.MANAGE_COMPLIANCE)
    if hold.workspace_id != by.workspace_id:
        raise NotAllowed(t("This hold is not in this workspace."))
    lifted = LegalHold.objects.filter(id=hold.pk, lifted_at=None).update(lifted_at=at, lifted_by=by.audit_name)
    if lifted:
        RetentionPolicy.objects.filter(workspace_id=by.workspace_id).update(bodies_through=0)
        _audit(by, "hold.lifted", _whose(hold), {"hold": hold.pk}, at)


def lock_holds(workspace_id: int, *, is_shared: bool) -> None:
    """Keep placing a hold and deleting apart until the transaction ends. Deleting shares the lock, placing does not."""
    how = "pg_advisory_xact_lock_shared" if is_shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {how}(hashtextextended('legal hold', %s))", [workspace_id])


@transaction.atomic
def log_request(*, contact: Contact, kind: str, law: str, asked_at: datetime, by: Actor, at: datetime) -> RightsRequest:
    """Keep that a person asked for a copy or for erasure, and until when the law wants an answer.

    Raises `NotAllowed`, `Invalid`.
    """
    require(by, Right.MANAGE_COMPLIANCE)
    _same_workspace(contact, by)
    if kind not in RequestKind.values:
        raise Invalid(t("Choose a copy or erasure."), field="kind")
    if asked_at > at + timedelta(minutes=1):
        raise Invalid(t("Choose a day that isn't in the future."), field="asked_at")
    rule = rules.law(law, on=asked_at.date())
    if rule is None:
        raise Invalid(t("Choose a law that applied on that day."), field="law")
    if Contact.objects.select_for_update(no_key=True).get(id=contact.pk).erased_at is not None:
        raise Refused(t("This person was erased already."), code="erased")
    zone = workspace_of(by).time_zone
    row = RightsRequest.objects.create(
        workspace_id=by.workspace_id,
        contact=contact,
        kind=kind,
        law=rule.slug,
        asked_at=asked_at,
        due_at=rules.due_at(rule, asked_at=asked_at, zone=zone),
        logged_at=at,
        logged_by=by.audit_name,
    )
    _audit(by, "request.logged", f"contact {contact.pk}", {"request": row.pk, "kind": kind, "law": rule.slug}, at)
    return row


@transaction.atomic
def refuse_request(*, request: RightsRequest, why: str, by: Actor, at: datetime) -> None:
    """Close a request without doing it, with the reason they were given. Raises `NotAllowed`, `Invalid`, `Refused`."""
    require(by, Right.MANAGE_COMPLIANCE)
    words = _clean(why, t("Write the reason they were given."))
    row = locked_request(request_id=request.pk, workspace_id=by.workspace_id)
    if row.state not in {RequestState.OPEN, RequestState.FAILED}:
        raise Refused(t("This request is closed or under way."), code="closed")
    row.state, row.words, row.done_at, row.done_by = RequestState.REFUSED, words, at, by.audit_name
    row.save(update_fields=["state", "words", "done_at", "done_by"])
    _audit(by, "request.refused", f"contact {row.contact_id}", {"request": row.pk}, at)


@transaction.atomic
def begin_request(*, request: RightsRequest, by: Actor, at: datetime) -> RightsRequest:
    """Say that a request is being worked on. An erasure under legal hold is refused.

    Raises `NotAllowed`, `Refused` (legal_hold, closed).
    """
    require(by, Right.MANAGE_COMPLIANCE)
    row = locked_request(request_id=request.pk, workspace_id=by.workspace_id)
    if row.state in {RequestState.DOING, RequestState.REFUSED} or (
        row.state == RequestState.DONE and row.kind == RequestKind.ERASE
    ):
        raise Refused(t("This request is closed or under way."), code="closed")
    if row.kind == RequestKind.ERASE:
        refuse_under_hold(workspace_id=row.workspace_id, contact_id=row.contact_id)
    row.state, row.words, row.done_by = RequestState.DOING, "", by.audit_name
    row.save(update_fields=["state", "words", "done_by"])
    action = "request.erasure_began" if row.kind == RequestKind.ERASE else "request.export_began"
    _audit(by, action, f"contact {row.contact_id}", {"request": row.pk}, at)
    return row


def refuse_under_hold(*, workspace_id: int, contact_id: int) -> None:
    """Raises `Refused` with the code legal_hold while one is open."""
    hold = queries.open_hold(workspace_id=workspace_id, contact_id=contact_id)
    if hold is not None:
        if hold.contact_id is None:
            words = t("Everything in this workspace is under legal hold, so nothing is erased: {why}", why=hold.reason)
        else:
            words = t("This person is under legal hold, so nothing is erased: {why}", why=hold.reason)
        raise Refused(words, code="legal_hold")


def locked_request(*, request_id: int, workspace_id: int) -> RightsRequest:
    """A request, locked until the transaction ends. Raises `NotAllowed`."""
    row = RightsRequest.objects.select_for_update().filter(id=request_id, workspace_id=workspace_id).first()
    if row is None:
        raise NotAllowed(t("This request is not in this workspace."))
    return row


@transaction.atomic
def finish_request(
    *, request_id: int, words: str, at: datetime, file: UUID | None = None, size: int = 0, is_failed: bool = False
) -> None:
    """Keep how a request ended. An export's file can be had for `rules.EXPORT_GOOD_FOR`."""
    RightsRequest.objects.filter(id=request_id).update(
        state=RequestState.FAILED if is_failed else RequestState.DONE,
        words=words[:300],
        done_at=at,
        file=file,
        file_size=size,
        file_until=at + rules.EXPORT_GOOD_FOR if file else None,
    )


@transaction.atomic
def begin_run(*, is_dry: bool, by: Actor, at: datetime) -> RetentionRun:
    """Open a report. Raises `NotAllowed`, `Refused` when a sweep is asked for that the policy doesn't allow."""
    require(by, Right.MANAGE_COMPLIANCE)
    if not is_dry and not queries.policy(by.workspace_id).is_on:
        raise Refused(t("Switch deletion on first. A dry run needs no switch."), code="retention_off")
    row = RetentionRun.objects.create(workspace_id=by.workspace_id, is_dry=is_dry, by_name=by.audit_name, asked_at=at)
    if by.kind != "system":
        _audit(by, "retention.counted" if is_dry else "retention.ran", "workspace", {"run": row.pk}, at)
    return row


@transaction.atomic
def finish_run(*, run: RetentionRun, lines: Sequence[Line], at: datetime, error: str = "") -> None:
    """Keep the report; a sweep that deleted anything is in the audit trail with what it deleted."""
    run.lines, run.finished_at, run.error = [line.as_json() for line in lines], at, error[:300]
    run.save(update_fields=["lines", "finished_at", "error"])
    gone: dict[str, Detail] = {line.kind: line.gone for line in lines if line.gone}
    if gone:
        audit(
            workspace_id=run.workspace_id,
            actor=run.by_name,
            action="retention.deleted",
            subject=f"report {run.pk}",
            data=gone,
            at=at,
        )


def _clean(words: str, sentence: str) -> str:
    cleaned = " ".join(words.replace("\0", "").split())
    if not cleaned:
        raise Invalid(sentence, field="reason")
    if len(cleaned) > LONGEST_REASON:
        raise Invalid(t("Use at most {most} characters.", most=LONGEST_REASON), field="reason")
    return cleaned


def _same_workspace(contact: Contact, by: Actor) -> None:
    if contact.workspace_id != by.workspace_id:
        raise NotAllowed(t("This contact is not in this workspace."))


def _whose(hold: LegalHold) -> str:
    return "workspace" if hold.contact_id is None else f"contact {hold.contact_id}"


def _audit(by: Actor, action: str, subject: str, data: Mapping[str, Detail], at: datetime) -> None:
    audit(workspace_id=by.workspace_id, actor=by.audit_name, action=action, subject=subject, data=data, at=at)
