"""Reading policies, legal holds, reports and people's requests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Q

from twoway.compliance.retention.models import (
    LegalHold,
    RequestKind,
    RequestState,
    RetentionPolicy,
    RetentionRun,
    RightsRequest,
)
from twoway.lib.refusal import NotFound
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

__all__ = [
    "HELD_CONTACT",
    "HELD_RAW",
    "LegalHold",
    "RequestKind",
    "RequestState",
    "RetentionPolicy",
    "RetentionRun",
    "RightsRequest",
    "access_hold",
    "access_request",
    "access_run",
    "count_due",
    "count_late",
    "holds",
    "is_held",
    "open_hold",
    "policy",
    "requests",
    "runs",
    "shown_policy",
]

NEWEST_FIRST = "-id"

HELD_CONTACT = """EXISTS (SELECT FROM legal_hold h WHERE h.workspace_id = %(workspace)s AND h.lifted_at IS NULL
    AND (h.contact_id IS NULL OR h.contact_id = {contact}))"""
HELD_RAW = """EXISTS (SELECT FROM legal_hold h LEFT JOIN identity i ON i.contact_id = h.contact_id
    WHERE h.workspace_id = q.workspace_id AND h.lifted_at IS NULL
      AND (h.contact_id IS NULL OR position(convert_to(ltrim(i.value, '+'), 'UTF8') IN q.body) > 0))"""
"""A raw webhook belongs to nobody yet: it is held when the digits of somebody on hold are in it."""


def policy(workspace_id: int) -> RetentionPolicy:
    """What the workspace keeps and how long; Twoway's defaults, not switched on, where nobody has chosen."""
    found = RetentionPolicy.objects.filter(workspace_id=workspace_id).first()
    return found or RetentionPolicy(workspace_id=workspace_id)


def shown_policy(actor: Actor) -> RetentionPolicy:
    """The same for somebody who looks. Raises `NotAllowed`."""
    require(actor, Right.SEE_COMPLIANCE)
    return policy(actor.workspace_id)


def is_held(*, workspace_id: int, contact_id: int) -> bool:
    """Whether a legal hold stops the deletion of anything about this contact."""
    return open_hold(workspace_id=workspace_id, contact_id=contact_id) is not None


def open_hold(*, workspace_id: int, contact_id: int | None) -> LegalHold | None:
    """The hold of this contact or of the whole workspace, whichever was placed first; with None the workspace's own."""
    whose = Q(contact=None) if contact_id is None else Q(contact=None) | Q(contact_id=contact_id)
    return LegalHold.objects.filter(whose, workspace_id=workspace_id, lifted_at=None).order_by("id").first()


def holds(actor: Actor, *, is_open: bool = True, limit: int = 100) -> Sequence[LegalHold]:
    """Holds with their contacts, newest first. Raises `NotAllowed`."""
    require(actor, Right.SEE_COMPLIANCE)
    rows = LegalHold.objects.filter(workspace_id=actor.workspace_id, lifted_at__isnull=is_open)
    return list(rows.select_related("contact").order_by(NEWEST_FIRST)[:limit])


def access_hold(actor: Actor, hold_id: int) -> LegalHold:
    """One hold. Raises `NotFound`, `NotAllowed`."""
    require(actor, Right.SEE_COMPLIANCE)
    found = LegalHold.objects.filter(workspace_id=actor.workspace_id, id=hold_id).select_related("contact").first()
    if found is None:
        raise NotFound("legal hold", hold_id)
    return found


def runs(actor: Actor, *, limit: int = 20) -> Sequence[RetentionRun]:
    """The reports, newest first. Raises `NotAllowed`."""
    require(actor, Right.SEE_COMPLIANCE)
    return list(RetentionRun.objects.filter(workspace_id=actor.workspace_id).order_by(NEWEST_FIRST)[:limit])


def access_run(actor: Actor, run_id: int) -> RetentionRun:
    """One report. Raises `NotFound`, `NotAllowed`."""
    require(actor, Right.SEE_COMPLIANCE)
    found = RetentionRun.objects.filter(workspace_id=actor.workspace_id, id=run_id).first()
    if found is None:
        raise NotFound("report", run_id)
    return found


def requests(
    actor: Actor, *, states: Iterable[str] = (), before_id: int | None = None, limit: int = 50
) -> Sequence[RightsRequest]:
    """What people asked for, newest first, with their contacts. Raises `NotAllowed`."""
    require(actor, Right.SEE_COMPLIANCE)
    rows = RightsRequest.objects.filter(workspace_id=actor.workspace_id)
    wanted = list(states)
    if wanted:
        rows = rows.filter(state__in=wanted)
    if before_id is not None:
        rows = rows.filter(id__lt=before_id)
    return list(rows.select_related("contact").order_by(NEWEST_FIRST)[:limit])


def access_request(actor: Actor, request_id: int) -> RightsRequest:
    """One request. Raises `NotFound`, `NotAllowed`."""
    require(actor, Right.SEE_COMPLIANCE)
    rows = RightsRequest.objects.filter(workspace_id=actor.workspace_id, id=request_id)
    found = rows.select_related("contact").first()
    if found is None:
        raise NotFound("request", request_id)
    return found


def count_due(actor: Actor, at: datetime) -> int:
    """How many requests wait for an answer, up to 100."""
    waiting = (RequestState.OPEN, RequestState.FAILED)
    return RightsRequest.objects.filter(workspace_id=actor.workspace_id, state__in=waiting)[:100].count()


def count_late(actor: Actor, at: datetime) -> int:
    """How many requests are not answered though their day is over. Raises `NotAllowed`."""
    require(actor, Right.SEE_COMPLIANCE)
    waiting = (RequestState.OPEN, RequestState.DOING, RequestState.FAILED)
    return RightsRequest.objects.filter(workspace_id=actor.workspace_id, state__in=waiting, due_at__lt=at).count()
