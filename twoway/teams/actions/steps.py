"""Which steps of the set-up a workspace goes through."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from twoway.teams.actions.trail import record
from twoway.teams.actor import Actor
from twoway.teams.models import Workspace
from twoway.teams.rules import Right, require


@transaction.atomic
def set_apart(*, by: Actor, step: str, is_apart: bool, at: datetime) -> None:
    """Say that a step of the set-up is not for this workspace, or is after all. Raises `NotAllowed`."""
    workspace = _locked(by)
    apart = sorted({*workspace.steps_apart, step} if is_apart else {*workspace.steps_apart} - {step})
    if apart != workspace.steps_apart:
        workspace.steps_apart = apart
        workspace.save(update_fields=["steps_apart"])
        record(by, "workspace.changed", f"workspace {workspace.pk}", at, steps_apart=", ".join(apart))


@transaction.atomic
def hide(*, by: Actor, is_hidden: bool, at: datetime) -> None:
    """Leave the set-up out of the menu, or put it back. Raises `NotAllowed`."""
    workspace = _locked(by)
    if workspace.are_steps_hidden != is_hidden:
        workspace.are_steps_hidden = is_hidden
        workspace.save(update_fields=["are_steps_hidden"])
        record(by, "workspace.changed", f"workspace {workspace.pk}", at, are_steps_hidden=is_hidden)


def _locked(by: Actor) -> Workspace:
    require(by, Right.MANAGE_WORKSPACE)
    return Workspace.objects.select_for_update(no_key=True).get(id=by.workspace_id)
