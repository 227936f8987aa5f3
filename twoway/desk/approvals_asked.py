"""Asking a second person instead of doing it, and telling members of what is asked and answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from twoway.desk.settings_frame import actor_of, say, warn
from twoway.lib.words import t
from twoway.notifications import telling
from twoway.teams.actor import Actor
from twoway.teams.approvals import actions, queries
from twoway.teams.approvals.queries import Approval

ASKED, ANSWERED = "agree_asked", "agree_answered"


def ask(request: HttpRequest, kind: str, payload: Mapping[str, Any], *, contact_id: int | None = None) -> HttpResponse:
    """Keep what was asked for, tell those who may agree, and lead to where it waits.

    Raises `NotAllowed`, `Invalid`, `Refused`.
    """
    actor, at = actor_of(request), timezone.now()
    with transaction.atomic():
        made = actions.ask(by=actor, kind=kind, payload=payload, contact_id=contact_id, at=at)
        others = queries.deciders(made)
        if made.asked_at == at:
            _tell(made, others, kind=ASKED, by=actor, at=at)
    if others:
        say(request, t("Asked for. Somebody else with the right has to agree."))
    else:
        warn(request, t("Asked for, but nobody else here has the right to agree now."))
    return redirect("desk:settings_two_people")


def tell_answer(approval: Approval, *, by: Actor, answer: str, at: datetime) -> None:
    """Tell whoever asked what the answer is: "agreed" or "declined"."""
    _tell(approval, [approval.asked_by_id], kind=ANSWERED, by=by, at=at, why=answer)


def _tell(approval: Approval, member_ids: Iterable[int], *, kind: str, by: Actor, at: datetime, why: str = "") -> None:
    lines = [
        telling.Line(
            workspace_id=approval.workspace_id,
            member_id=member_id,
            conversation_id=None,
            kind=kind,
            at=at,
            by_name=by.name[:80],
            why=why,
        )
        for member_id in member_ids
    ]
    if lines:
        telling.put(lines, at=at)
