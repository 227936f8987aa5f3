"""Saying where we are, and how far texts of a purpose go."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from twoway.channels.models import Channel
from twoway.compliance.purposes.queries import listed
from twoway.compliance.purposes.rules import FIXED
from twoway.compliance.relevance import places
from twoway.compliance.relevance.models import NearLimit, OurPlace
from twoway.compliance.relevance.rules import objection
from twoway.events.actions import Detail, audit
from twoway.lib.refusal import Invalid, NotAllowed, NotFound
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.models import Workspace
from twoway.teams.rules import Right, require

LONGEST_LABEL = 60
LONGEST_TYPED = 40


@transaction.atomic
def set_our_place(*, channel: Channel | None, label: str, where: str, at: datetime, by: Actor) -> OurPlace:
    """Say where a number is, or with None the whole workspace: coordinates, a US postcode or an area code.

    `label` is what it is called in reasons; empty, it is what was typed. Raises `NotAllowed`, `Invalid`.
    """
    require(by, Right.MANAGE_COMPLIANCE)
    if channel is not None and channel.workspace_id != by.workspace_id:
        raise NotAllowed(t("This number is not in this workspace."))
    typed, name = " ".join(where.split()), " ".join(label.split())
    found = places.typed(typed) if len(typed) <= LONGEST_TYPED else None
    if found is None:
        raise Invalid(t("Write a US postcode, an area code, or coordinates such as 37.77, -122.42."), field="where")
    if len(name) > LONGEST_LABEL:
        raise Invalid(t("A name has at most {most} characters.", most=LONGEST_LABEL), field="label")
    row, _ = OurPlace.objects.update_or_create(
        workspace_id=by.workspace_id,
        channel=channel,
        defaults={
            "label": name or typed,
            "typed": typed,
            "source": found.source,
            "latitude": found.point.latitude,
            "longitude": found.point.longitude,
            "reach_km": found.reach_km,
            "changed_at": at,
        },
    )
    _audit("near.placed", _subject(channel), {"label": row.label, "typed": typed}, by=by, at=at)
    return row


@transaction.atomic
def forget_our_place(*, channel: Channel | None, at: datetime, by: Actor) -> None:
    """Forget where a number is, so that it counts as where the workspace is; or with None, where the workspace is.

    Raises `NotAllowed`, `NotFound`, and `Invalid` while a limit needs the workspace's place.
    """
    require(by, Right.MANAGE_COMPLIANCE)
    Workspace.objects.select_for_update(no_key=True).get(id=by.workspace_id)
    if channel is None and NearLimit.objects.filter(workspace_id=by.workspace_id).exists():
        raise Invalid(
            t("Texts are limited by how far people are from here. Take the limits away first."), field="where"
        )
    if not OurPlace.objects.filter(workspace_id=by.workspace_id, channel=channel).delete()[0]:
        raise NotFound("place", channel.pk if channel else by.workspace_id)
    _audit("near.place_forgotten", _subject(channel), {}, by=by, at=at)


@transaction.atomic
def set_limit(*, purpose: str, within: int, unit: str, holds_unknown: bool, at: datetime, by: Actor) -> NearLimit:
    """Texts of this purpose go only to people within so many miles or kilometers of us.

    Replies and emergencies have no limit. Raises `NotAllowed`, and `Invalid` also while nobody said where we are.
    """
    require(by, Right.MANAGE_COMPLIANCE)
    if purpose in FIXED or purpose not in {rule.slug for rule in listed(by.workspace_id)}:
        raise Invalid(t("Choose a purpose of this workspace."), field="purpose")
    field, sentence = objection(within=within, unit=unit)
    if field:
        raise Invalid(sentence, field=field)
    Workspace.objects.select_for_update(no_key=True).get(id=by.workspace_id)
    if not OurPlace.objects.filter(workspace_id=by.workspace_id, channel=None).exists():
        raise Invalid(t("Say first where you are."), field="purpose")
    values: dict[str, Detail] = {"within": within, "unit": unit, "holds_unknown": holds_unknown}
    row, _ = NearLimit.objects.update_or_create(
        workspace_id=by.workspace_id, purpose=purpose, defaults={**values, "changed_at": at}
    )
    _audit("near.limit_set", purpose, values, by=by, at=at)
    return row


@transaction.atomic
def remove_limit(*, purpose: str, at: datetime, by: Actor) -> None:
    """Texts of this purpose go however far people are. Raises `NotAllowed`, `NotFound`."""
    require(by, Right.MANAGE_COMPLIANCE)
    if not NearLimit.objects.filter(workspace_id=by.workspace_id, purpose=purpose).delete()[0]:
        raise NotFound("limit", purpose)
    _audit("near.limit_removed", purpose, {}, by=by, at=at)


def _subject(channel: Channel | None) -> str:
    return f"channel {channel.pk}" if channel else "workspace"


def _audit(action: str, subject: str, data: dict[str, Detail], *, by: Actor, at: datetime) -> None:
    audit(workspace_id=by.workspace_id, actor=by.audit_name, action=action, subject=subject, data=data, at=at)
