"""The goal for answers, and which steps of the set-up a workspace goes through."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.teams.actions.trail import record
from twoway.teams.actor import Actor
from twoway.teams.models import Workspace
from twoway.teams.rules import Right, require

LONGEST_GOAL = 7 * 24 * 60


@transaction.atomic
def set_goal(*, by: Actor, minutes: int | None, at: datetime) -> None:
    """Within how many minutes a customer should be answered; None for no goal. Raises `NotAllowed`, `Invalid`."""
    workspace = _locked(by)
    if minutes is not None and not 1 <= minutes <= LONGEST_GOAL:
        raise Invalid(t("Choose between a minute and seven days."), field="minutes")
    if workspace.reply_goal != minutes:
        workspace.reply_goal = minutes
        workspace.save(update_fields=["reply_goal"])
        record(by, "workspace.changed", f"workspace {workspace.pk}", at, reply_goal=minutes)


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
