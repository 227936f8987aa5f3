"""Saving audiences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction

from twoway.contacts.audiences.models import Audience
from twoway.events.actions import audit
from twoway.lib.conditions import Field, Group, read, written
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

MOST_AUDIENCES = 300


@transaction.atomic
def save_audience(*, name: str, conditions: Group, fields: Mapping[str, Field], by: Actor, at: datetime) -> Audience:
    """Keep a filter under a name; a name that is there is given the new filter. Raises `NotAllowed`, `Invalid`."""
    require(by, Right.MANAGE_CONTACTS)
    name = " ".join(name.replace("\0", "").split())
    if not 1 <= len(name) <= 60:
        raise Invalid(t("Give it a name of at most 60 characters."), field="name")
    if not conditions.parts:
        raise Invalid(t("Filter the list first. Everybody is no audience."), field="conditions")
    tree = written(read(written(conditions), fields=fields))
    held = Audience.objects.select_for_update().filter(workspace_id=by.workspace_id)
    row = held.filter(name__iexact=name).first()
    if row is None and held.count() >= MOST_AUDIENCES:
        raise Invalid(t("Use at most {most} audiences.", most=MOST_AUDIENCES), field="name")
    row = row or Audience(workspace_id=by.workspace_id, created_at=at)
    row.name, row.conditions, row.by_name, row.changed_at = name, tree, by.audit_name[:120], at
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Invalid(t("Somebody saved one with this name just now."), field="name", code="name_taken") from None
    _record(by, "audience.saved", row, at)
    return row


@transaction.atomic
def delete_audience(*, audience: Audience, by: Actor, at: datetime) -> None:
    """Forget a filter; nobody in it is changed. Raises `NotAllowed`."""
    require(by, Right.MANAGE_CONTACTS)
    if audience.workspace_id != by.workspace_id:
        raise NotAllowed(t("This audience is not in this workspace."))
    _record(by, "audience.deleted", audience, at)
    audience.delete()


def _record(by: Actor, action: str, row: Audience, at: datetime) -> None:
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action=action,
        subject=f"audience {row.pk}",
        data={"name": row.name},
        at=at,
    )
