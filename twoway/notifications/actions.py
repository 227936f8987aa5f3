"""What members do with their own notifications: reading them, muting, pausing, saying how they want to be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import available_timezones

from django.db import transaction
from django.db.models import QuerySet

from twoway.conversations.models import Conversation
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.lib.words import t
from twoway.notifications import rules
from twoway.notifications.models import Mute, Notification, Wish
from twoway.notifications.rules import Way
from twoway.teams.actor import Actor
from twoway.teams.queries import workspace_of

ACTIVE_EVERY = timedelta(minutes=1)


def read(*, by: Actor, at: datetime, notification_id: int | None = None, conversation_id: int | None = None) -> int:
    """Mark one, those of one conversation, or with neither all of this member's as read; how many were not."""
    rows: QuerySet[Notification] = Notification.objects.filter(member_id=by.member_id or 0, read_at=None)
    if notification_id is not None:
        rows = rows.filter(id=notification_id)
    if conversation_id is not None:
        rows = rows.filter(conversation_id=conversation_id)
    return rows.update(read_at=at)


@transaction.atomic
def unread(*, by: Actor, notification_id: int) -> None:
    """Mark one as unread again, unless there is a newer unread one of its kind and conversation."""
    row = Notification.objects.filter(member_id=by.member_id or 0, id=notification_id).first()
    if row is None or row.read_at is None:
        return
    same = Notification.objects.filter(member_id=row.member_id, conversation=row.conversation_id, kind=row.kind)
    if not same.filter(read_at=None).exists():
        Notification.objects.filter(id=row.id).update(read_at=None)


def be_active(*, by: Actor, at: datetime) -> None:
    """Note that this member's desk is in use, once a minute."""
    if by.member_id is None:
        return
    rows = Wish.objects.filter(member_id=by.member_id)
    active_at = rows.values_list("active_at", flat=True).first()
    if active_at is not None and at - active_at < ACTIVE_EVERY:
        return
    if not rows.update(active_at=at):
        Wish.objects.get_or_create(member_id=by.member_id, defaults={"active_at": at})


def mute(*, conversation: Conversation, is_muted: bool, by: Actor) -> None:
    """Hear nothing more of a conversation, or hear of it again. What is meant for them in person still comes."""
    if by.member_id is None:
        raise NotAllowed(t("Only members have notifications."))
    if is_muted:
        Mute.objects.get_or_create(conversation=conversation, member_id=by.member_id)
    else:
        Mute.objects.filter(conversation=conversation, member_id=by.member_id).delete()


def pause(*, choice: str, by: Actor, at: datetime) -> datetime | None:
    """Silence everything for a while (`rules.PAUSES`), or with "" not any longer; until when. Raises `Invalid`."""
    row = _own(by)
    zone = row.zone or workspace_of(by).time_zone
    try:
        row.paused_until = rules.pause_until(choice, zone=zone, at=at)
    except KeyError:
        raise Invalid(t("Choose how long."), field="pause") from None
    row.save(update_fields=["paused_until"])
    return row.paused_until


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """What a member chose. `ways` has every kind; times of day are those of `zone`, "" for the workspace's."""

    ways: Mapping[str, frozenset[Way]]
    zone: str = ""
    quiet_days: frozenset[int] = frozenset()
    quiet_from: time | None = None
    quiet_to: time | None = None
    direct_through: bool = True
    sound: str = "drop"
    volume: int = 60
    digest_minutes: int = 0
    wait_minutes: int = 15
    push_words: bool = False
    email_words: bool = False


@transaction.atomic
def choose(*, choice: Choice, by: Actor) -> None:
    """Keep how this member wants to be told. Raises `Invalid`."""
    _check(choice)
    row = _own(by)
    row.ways = {
        kind: [way for way in rules.WAYS if way in ways]
        for kind, ways in choice.ways.items()
        if kind in rules.BY_ID and ways != rules.BY_ID[kind].ways
    }
    row.zone = choice.zone
    row.quiet_days = sorted(choice.quiet_days)
    row.quiet_from, row.quiet_to = choice.quiet_from, choice.quiet_to
    row.direct_through = choice.direct_through
    row.sound, row.volume = choice.sound, choice.volume
    row.digest_minutes, row.wait_minutes = choice.digest_minutes, choice.wait_minutes
    row.push_words, row.email_words = choice.push_words, choice.email_words
    row.save()


def _check(choice: Choice) -> None:
    if choice.zone and choice.zone not in available_timezones():
        raise Invalid(t("Choose a time zone of the list."), field="zone")
    if choice.quiet_days and (choice.quiet_from is None or choice.quiet_to is None):
        raise Invalid(t("Say from when to when it is quiet."), field="quiet_from")
    if not choice.quiet_days <= set(range(7)):
        raise Invalid(t("Choose days of the week."), field="quiet_days")
    if choice.sound not in rules.SOUNDS:
        raise Invalid(t("Choose a sound of the list."), field="sound")
    if not 0 <= choice.volume <= 100:
        raise Invalid(t("Choose a volume from 0 to 100."), field="volume")
    if choice.digest_minutes not in rules.DIGESTS:
        raise Invalid(t("Choose how often of the list."), field="digest_minutes")
    if not rules.WAIT_LEAST <= choice.wait_minutes <= rules.WAIT_MOST:
        raise Invalid(
            t(
                "Choose from {least} to {most:,} minutes.",
                least=rules.WAIT_LEAST,
                most=rules.WAIT_MOST,
            ),
            field="wait_minutes",
        )


def stop_emails(*, member_id: int) -> bool:
    """No more digests for this member, from the link in one of them; whether there were any."""
    return Wish.objects.filter(member_id=member_id).exclude(digest_minutes=0).update(digest_minutes=0) > 0


def _own(by: Actor) -> Wish:
    """The member's row, locked or new. Raises `NotAllowed` for programs."""
    if by.member_id is None:
        raise NotAllowed(t("Only members have notifications."))
    row, _ = Wish.objects.get_or_create(member_id=by.member_id)
    return row
