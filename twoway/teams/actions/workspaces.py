"""Making a workspace and setting its options."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

import phonenumbers
from django.db import connection, transaction

from twoway.events.actions import audit
from twoway.lib.refusal import Invalid, Refused
from twoway.lib.words import LANGUAGES, t
from twoway.teams.accounts import account_for, clean_name
from twoway.teams.actions.trail import record
from twoway.teams.actor import Actor
from twoway.teams.models import Member, Role, Workspace
from twoway.teams.rules import Right, require

LONGEST_TEXT = 480
LEAST_VALIDITY, MOST_VALIDITY = 60, 7 * 86_400


@transaction.atomic
def create_workspace(
    *,
    name: str,
    owner_email: str,
    password: str | None,
    at: datetime,
    owner_name: str = "",
    time_zone: str = "",
    region: str = "",
    language: str = "",
    only_first: bool = False,
) -> Member:
    """A new workspace and its owner. An account that exists keeps its own password.

    With `only_first` it is refused once there is a workspace, whoever was faster. Raises `Refused`, `Invalid`.
    """
    if only_first:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('first workspace', 0))")
        if Workspace.objects.exists():
            raise Refused(t("Twoway is set up already. Sign in, or ask an owner to add you."), code="already_set_up")
    user = account_for(email=owner_email, name=owner_name, password=password)
    workspace = Workspace(name=clean_name(name, longest=80, field="workspace"), created_at=at)
    for field, value in (("time_zone", time_zone), ("region", region), ("language", language)):
        if value:
            setattr(workspace, field, _clean_option(field, value))
    workspace.save()
    owner = Member.objects.create(workspace=workspace, user=user, role=Role.OWNER, created_at=at)
    audit(
        workspace_id=workspace.pk,
        actor=user.email,
        action="workspace.created",
        subject=f"workspace {workspace.pk}",
        data={"name": workspace.name},
        at=at,
    )
    return owner


@transaction.atomic
def update_workspace(*, by: Actor, at: datetime, **options: Any) -> Workspace:
    """Change options: name, time_zone, region, language, help_text, stop_text, start_text, reply_validity (seconds).

    Raises `NotAllowed`, `Invalid`.
    """
    require(by, Right.MANAGE_WORKSPACE)
    workspace = Workspace.objects.select_for_update(no_key=True).get(id=by.workspace_id)
    cleaned = {field: _clean_option(field, value) for field, value in options.items()}
    changed = {field: value for field, value in cleaned.items() if getattr(workspace, field) != value}
    for field, value in changed.items():
        setattr(workspace, field, value)
    if changed:
        workspace.save(update_fields=list(changed))
        record(by, "workspace.changed", f"workspace {workspace.pk}", at, **changed)
    return workspace


def _clean_option(field: str, value: Any) -> Any:
    if field == "name":
        return clean_name(value, longest=80)
    if field == "time_zone":
        if value not in available_timezones():
            raise Invalid(t("Choose a time zone such as America/New_York."), field=field)
        return value
    if field == "region":
        if str(value).upper() not in phonenumbers.SUPPORTED_REGIONS:
            raise Invalid(t("Write a country as two letters, such as US."), field=field)
        return str(value).upper()
    if field == "language":
        if value not in LANGUAGES:
            raise Invalid(t("Choose one of the languages."), field=field)
        return value
    if field in {"help_text", "stop_text", "start_text"}:
        text: str = value.replace("\0", "").strip()
        if len(text) > LONGEST_TEXT:
            raise Invalid(t("Use at most {most} characters.", most=LONGEST_TEXT), field=field)
        return text
    if field == "reply_validity":
        if not LEAST_VALIDITY <= int(value) <= MOST_VALIDITY:
            raise Invalid(t("Choose between a minute and seven days."), field=field)
        return int(value)
    raise Invalid(t("A workspace has no option “{field}”.", field=field), field=field)
