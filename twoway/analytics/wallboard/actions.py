"""Opening the wallboard for everybody, and the links for screens on the wall."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from twoway.analytics.wallboard.models import BoardLink, BoardSetting
from twoway.analytics.wallboard.queries import access_managed_link, forget
from twoway.analytics.wallboard.rules import MOST_LINKS, digest, new_secret
from twoway.events.actions import audit
from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require
from twoway.teams.streams import end_streams

LONGEST_NAME = 60
NOBODY = 0
"""The member of a stream nobody is signed in for: those of links end together, and their screens ask anew."""
USED_EVERY = timedelta(minutes=10)


@transaction.atomic
def open_for_all(*, by: Actor, is_for_all: bool, at: datetime) -> None:
    """Whether everybody sees the wallboard, or managers alone. Raises `NotAllowed`."""
    require(by, Right.MANAGE_WORKSPACE)
    setting, _ = BoardSetting.objects.select_for_update().get_or_create(workspace_id=by.workspace_id)
    if setting.is_for_all == is_for_all:
        return
    setting.is_for_all = is_for_all
    setting.save(update_fields=["is_for_all"])
    action = "wallboard.opened" if is_for_all else "wallboard.closed"
    _audit(by, action, f"workspace {by.workspace_id}", at)


@transaction.atomic
def make_link(*, by: Actor, name: str, at: datetime) -> tuple[BoardLink, str]:
    """A link for a screen and its secret, which is told this once. Raises `NotAllowed`, `Invalid`."""
    require(by, Right.MANAGE_WORKSPACE)
    name = name.replace("\0", "").strip()
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(t("Say where the screen hangs, in at most {most} letters.", most=LONGEST_NAME), field="name")
    if BoardLink.objects.filter(workspace_id=by.workspace_id).count() >= MOST_LINKS:
        raise Invalid(t("There are {most} links already. Revoke one first.", most=MOST_LINKS), field="name")
    secret = new_secret()
    link = BoardLink.objects.create(
        workspace_id=by.workspace_id, name=name, digest=digest(secret), made_by=by.name[:80], made_at=at
    )
    _audit(by, "wallboard.link_made", f"link {link.pk}", at, name=name)
    return link, secret


@transaction.atomic
def rotate_link(*, by: Actor, link_id: int, at: datetime) -> tuple[BoardLink, str]:
    """A new secret in place of the old one, whose screens go dark at once. Raises `NotAllowed`, `NotFound`."""
    link = access_managed_link(by, link_id)
    secret = new_secret()
    link.digest, link.made_by, link.made_at, link.used_at = digest(secret), by.name[:80], at, None
    link.save()
    end_streams(by.workspace_id, [NOBODY])
    _audit(by, "wallboard.link_rotated", f"link {link.pk}", at, name=link.name)
    return link, secret


@transaction.atomic
def revoke_link(*, by: Actor, link_id: int, at: datetime) -> str:
    """End a link for good; its name. Its screens go dark at once. Raises `NotAllowed`, `NotFound`."""
    link = access_managed_link(by, link_id)
    _audit(by, "wallboard.link_revoked", f"link {link.pk}", at, name=link.name)
    link.delete()
    end_streams(by.workspace_id, [NOBODY])
    return link.name


def note_use(*, link: BoardLink, at: datetime) -> None:
    """When a link was used last, to within some minutes."""
    if link.used_at is None or at - link.used_at >= USED_EVERY:
        BoardLink.objects.filter(id=link.pk).update(used_at=at)


def _audit(by: Actor, action: str, subject: str, at: datetime, **data: str) -> None:
    audit(workspace_id=by.workspace_id, actor=by.audit_name, action=action, subject=subject, data=data, at=at)
    forget(by.workspace_id)
