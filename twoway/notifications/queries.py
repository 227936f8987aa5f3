"""Reading a member's own notifications, how they want to be told, and their devices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from twoway.lib.refusal import NotFound
from twoway.notifications import rules, waiting
from twoway.notifications.models import Device, Mute, Notification, PushKey, Wish
from twoway.notifications.rules import Wishes
from twoway.notifications.wishes import wishes_of
from twoway.notifications.wording import Line, lines
from twoway.teams.actor import Actor
from twoway.teams.queries import access_member, workspace_of

__all__ = [
    "Device",
    "Line",
    "News",
    "Wish",
    "access_device",
    "access_notification",
    "devices",
    "is_muted",
    "listed",
    "news",
    "pushed_line",
    "wish_of",
    "wishes_for",
]

PAGE = 50
MOST_COUNTED = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """What the bell shows: how many unread, at most `MOST_COUNTED`, in which conversations, and the newest of them.

    `is_loud`: the newest wants a sound, which is `sound` at `volume` percent.
    """

    unread: int
    conversation_ids: tuple[int, ...]
    newest_id: int
    newest_at: datetime | None
    is_loud: bool
    sound: str
    volume: int


def news(actor: Actor, *, at: datetime) -> News:
    """What the bell of this member shows now. Two queries."""
    rows = Notification.objects.filter(member_id=_me(actor), read_at=None, in_app=True).order_by("-at", "-id")
    found = list(rows.values_list("id", "conversation_id", "at", "is_loud", "kind")[:MOST_COUNTED])
    wish = wish_of(actor)
    newest = found[0] if found else None
    is_loud = bool(newest and newest[3]) and not rules.is_paused(wishes_of(wish, zone="UTC"), at=at)
    return News(
        unread=len(found),
        conversation_ids=tuple(dict.fromkeys(row[1] for row in found if row[1])),
        newest_id=newest[0] if newest else 0,
        newest_at=newest[2] if newest else None,
        is_loud=is_loud,
        sound=wish.sound,
        volume=wish.volume,
    )


def listed(actor: Actor, *, before: datetime | None = None, limit: int = PAGE) -> list[Line]:
    """The newest notifications of this member, older than `before` where that is given."""
    rows = Notification.objects.filter(member_id=_me(actor), in_app=True)
    if before is not None:
        rows = rows.filter(at__lt=before)
    return lines(actor, list(rows.order_by("-at", "-id")[:limit]))


def access_notification(actor: Actor, notification_id: int) -> Line:
    """One of this member's own. Raises `NotFound`."""
    row = Notification.objects.filter(member_id=_me(actor), id=notification_id).first()
    if row is None:
        raise NotFound("notification", notification_id)
    return lines(actor, [row], with_words=False)[0]


def pushed_line(actor: Actor, notification_id: int, *, with_words: bool) -> Line | None:
    """What a device is told of one of this member's, or None when they have read it."""
    row = Notification.objects.filter(member_id=_me(actor), id=notification_id, read_at=None).first()
    return lines(actor, [row], with_words=with_words)[0] if row else None


def wish_of(actor: Actor) -> Wish:
    """How this member wants to be told; what is usual when they never said."""
    return Wish.objects.filter(member_id=_me(actor)).first() or Wish(member_id=_me(actor), wait_minutes=waiting.USUAL)


def wishes_for(actor: Actor) -> Wishes:
    """The same for the rules, in their own time zone or their workspace's."""
    return wishes_of(wish_of(actor), zone=workspace_of(actor).time_zone)


def is_muted(actor: Actor, conversation_id: int) -> bool:
    """Whether this member muted it."""
    return Mute.objects.filter(member_id=_me(actor), conversation_id=conversation_id).exists()


def devices(actor: Actor) -> list[Device]:
    """The devices this member is pushed to, newest first."""
    return list(Device.objects.filter(member_id=_me(actor)).order_by("-id"))


def access_device(actor: Actor, device_id: int) -> Device:
    """One of them. Raises `NotFound`."""
    row = Device.objects.filter(member_id=_me(actor), id=device_id).first()
    if row is None:
        raise NotFound("device", device_id)
    return row


def public_key() -> str:
    """The key browsers are to expect pushes from; "" until it is made (`devices.own_keys`)."""
    return PushKey.objects.filter(id=1).values_list("public", flat=True).first() or ""


def email_of(actor: Actor) -> str:
    """Where this member's emails go."""
    return access_member(actor, _me(actor)).user.email


def _me(actor: Actor) -> int:
    """Programs and the system have no notifications."""
    return actor.member_id or 0
