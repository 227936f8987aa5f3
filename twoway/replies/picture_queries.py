"""Reading the pictures that are kept to be sent again: whose, by name, and their files."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from twoway.lib.refusal import NotFound
from twoway.messaging.models import MediaFile
from twoway.replies.models import Picture
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, may

__all__ = ["LONGEST_SEARCH", "MOST_OWN", "MOST_SHARED", "Picture", "access_picture", "found", "may_remove", "pictures"]

MOST_OWN = 100
MOST_SHARED = 300
LONGEST_SEARCH = 80


def pictures(actor: Actor) -> QuerySet[Picture]:
    """Those this actor may send: their own and everybody's, the most used first."""
    own = Q(owner=None) | Q(owner_id=actor.member_id) if actor.member_id is not None else Q(owner=None)
    return Picture.objects.filter(own, workspace_id=actor.workspace_id).order_by("-uses", "-id")


def access_picture(actor: Actor, picture_id: int) -> Picture:
    """One of them. Raises `NotFound`."""
    row = pictures(actor).filter(id=picture_id).first()
    if row is None:
        raise NotFound("picture", picture_id)
    return row


def found(actor: Actor, q: str, *, limit: int) -> Sequence[tuple[Picture, MediaFile]]:
    """Those whose names hold every word of `q`, with their files; a picture whose file is gone is left out."""
    rows = pictures(actor)
    for word in q[:LONGEST_SEARCH].replace("\0", "").split():
        rows = rows.filter(name__icontains=word)
    chosen = list(rows[:limit])
    files = MediaFile.objects.filter(workspace_id=actor.workspace_id).in_bulk([row.media_id for row in chosen])
    return [(row, files[row.media_id]) for row in chosen if row.media_id in files]


def may_remove(actor: Actor, picture: Picture) -> bool:
    """Whether they may: their own, and with `MANAGE_REPLIES` everybody's."""
    if picture.owner_id is None:
        return may(actor, Right.MANAGE_REPLIES)
    return picture.owner_id == actor.member_id and may(actor, Right.REPLY)
