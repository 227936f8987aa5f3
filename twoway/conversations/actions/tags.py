"""The workspace's tags themselves: another name, another colour, and an end."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from twoway.conversations.actions.additions import clean_tag
from twoway.conversations.models import Conversation, State, Tag
from twoway.events.actions import Audience, audit, notify
from twoway.lib.refusal import Invalid, NotFound
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

MOST_TOLD = 500
"""Conversations whose screens hear of a change at once; others show it when they are next looked at."""


@transaction.atomic
def change_tag(*, tag: Tag, name: str, color: str, by: Actor, at: datetime) -> Tag:
    """Give a tag another name or colour, on every conversation that has it.

    Lines in threads keep the name it had then. Raises `NotAllowed`, `NotFound`, `Invalid`.
    """
    tag = _lock(tag, by)
    cleaned = clean_tag(name, color)
    before = {"name": tag.name, "color": tag.color}
    after = {"name": cleaned, "color": color or tag.color}
    if before == after:
        return tag
    tag.name, tag.color = after["name"], after["color"]
    try:
        with transaction.atomic():
            tag.save(update_fields=["name", "color"])
    except IntegrityError:
        raise Invalid(t("There is a tag with this name."), field="name", code="name_taken") from None
    _record(by, "tag.changed", tag, at, old_name=before["name"], old_color=before["color"])
    notify(workspace_id=by.workspace_id, conversations=_worn_by(tag))
    return tag


@transaction.atomic
def delete_tag(*, tag: Tag, by: Actor, at: datetime) -> int:
    """Take a tag off every conversation and remove it; how many had it. Raises `NotAllowed`, `NotFound`."""
    tag = _lock(tag, by)
    told = _worn_by(tag)
    worn, _ = Conversation.tags.through.objects.filter(tag_id=tag.pk).delete()
    _record(by, "tag.deleted", tag, at, conversations=worn)
    tag.delete()
    notify(workspace_id=by.workspace_id, conversations=told)
    return worn


def _lock(tag: Tag, by: Actor) -> Tag:
    require(by, Right.TAG)
    locked = Tag.objects.select_for_update().filter(workspace_id=by.workspace_id, id=tag.pk).first()
    if locked is None:
        raise NotFound("tag", tag.pk)
    return locked


def _worn_by(tag: Tag) -> list[Audience]:
    """The latest conversations with this tag that are not done, and who sees them."""
    rows = Conversation.objects.filter(tags=tag).exclude(state=State.DONE).order_by("-last_message_at", "-id")
    return list(rows.values_list("id", "team_id", "assignee_id")[:MOST_TOLD])


def _record(by: Actor, action: str, tag: Tag, at: datetime, **more: str | int) -> None:
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action=action,
        subject=f"tag {tag.pk}",
        data={"name": tag.name, "color": tag.color, **more},
        at=at,
    )
