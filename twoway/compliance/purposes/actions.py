"""Changing the purposes of a workspace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from twoway.compliance.purposes.models import Purpose, SendingPolicy
from twoway.compliance.purposes.rules import GIVEN, PurposeRule, objection
from twoway.events.actions import Detail, audit
from twoway.lib.refusal import Invalid, NotFound
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.models import Workspace
from twoway.teams.rules import Right, require

MOST_OWN = 50


@transaction.atomic
def save_purpose(*, rule: PurposeRule, at: datetime, by: Actor) -> Purpose:
    """Add a purpose, or change one: a given one may only become stricter. A retired one is in use again.

    Raises `NotAllowed`, and `Invalid` with the field that asks for less than the law or Twoway's own rule demands.
    """
    require(by, Right.MANAGE_COMPLIANCE)
    field, sentence = objection(rule)
    if field:
        raise Invalid(sentence, field=field)
    Workspace.objects.select_for_update(no_key=True).get(id=by.workspace_id)
    rows = Purpose.objects.filter(workspace_id=by.workspace_id)
    is_new = not rows.filter(slug=rule.slug).exists()
    if is_new and rows.count() >= MOST_OWN:
        raise Invalid(t("A workspace has at most {most} purposes of its own.", most=MOST_OWN), field="slug")
    values = {key: value for key, value in asdict(rule).items() if key not in {"slug", "is_conversational"}}
    row, _ = Purpose.objects.update_or_create(
        workspace_id=by.workspace_id, slug=rule.slug, defaults={**values, "retired_at": None, "changed_at": at}
    )
    _audit("purpose.added" if is_new else "purpose.changed", rule.slug, values, by=by, at=at)
    return row


@transaction.atomic
def retire_purpose(*, slug: str, at: datetime, by: Actor) -> None:
    """Take a purpose of the workspace's own out of use; a given one stands again as it was given.

    Texts that wait to be sent for it are withdrawn when their turn comes. Raises `NotAllowed`, `NotFound`.
    """
    require(by, Right.MANAGE_COMPLIANCE)
    found = Purpose.objects.filter(workspace_id=by.workspace_id, slug=slug, retired_at=None)
    if not found.update(retired_at=at, changed_at=at):
        raise NotFound("purpose", slug)
    _audit("purpose.reset" if slug in GIVEN else "purpose.retired", slug, {}, by=by, at=at)


@transaction.atomic
def change_policy(*, first_text_needs_consent: bool, at: datetime, by: Actor) -> None:
    """Whether a text to somebody who has not written needs their consent. Raises `NotAllowed`."""
    require(by, Right.MANAGE_COMPLIANCE)
    SendingPolicy.objects.update_or_create(
        workspace_id=by.workspace_id,
        defaults={"first_text_needs_consent": first_text_needs_consent, "changed_at": at},
    )
    data = {"first_text_needs_consent": first_text_needs_consent}
    _audit("sending_policy.changed", f"workspace {by.workspace_id}", data, by=by, at=at)


def _audit(action: str, subject: str, data: Mapping[str, Detail], *, by: Actor, at: datetime) -> None:
    audit(workspace_id=by.workspace_id, actor=by.audit_name, action=action, subject=subject, data=data, at=at)
