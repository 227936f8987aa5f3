"""The email with what a member hasn't seen: every so often, never while they are at the desk, each line once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from smtplib import SMTPException

import structlog
from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from twoway.lib import clocks
from twoway.lib.words import tn
from twoway.notifications import rules
from twoway.notifications.models import Notification, Wish
from twoway.notifications.wishes import wishes_of
from twoway.notifications.wording import Line, lines
from twoway.teams import languages, times
from twoway.teams.actor import Actor
from twoway.teams.models import Member
from twoway.teams.queries import actor_of_user

log = structlog.get_logger(__name__)

SALT = "twoway.notifications.unsubscribe"
LINK_GOOD_FOR = 365 * 24 * 3600
MOST_LINES = 20
MOST_COUNTED = 300
"""Lines in one email, and those looked at for it: what is beyond the first is a number in its last line."""
MOST_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """An email to one member, and the notifications in it."""

    member: Member
    lines: tuple[Line, ...]
    more: int
    ids: tuple[int, ...]


def send_due(*, at: datetime) -> int:
    """Mail whoever is due; how many were mailed. What can't be mailed now is tried again by the next look."""
    waiting = Wish.objects.exclude(digest_minutes=0).filter(member__is_active=True, member__user__is_active=True)
    sent = 0
    for member_id in waiting.order_by("member_id").values_list("member_id", flat=True)[:MOST_AT_ONCE]:
        with transaction.atomic():
            letter = _claim(member_id, at=at)
        if letter is not None:
            sent += _mail(letter, at=at)
    return sent


def _claim(member_id: int, *, at: datetime) -> Letter | None:
    """What a member is mailed now, marked as mailed, so that no other worker mails it too."""
    wish = (
        Wish.objects.select_for_update(of=("self",))
        .select_related("member__user", "member__workspace")
        .filter(member_id=member_id)
        .first()
    )
    if wish is None:
        return None
    rows = Notification.objects.filter(member_id=member_id, read_at=None, emailed_at=None, by_email=True)
    found = list(rows.order_by("created_at", "id")[:MOST_COUNTED])
    wishes = wishes_of(wish, zone=wish.member.workspace.time_zone)
    if not found or not rules.is_digest_due(
        wishes,
        every=wish.digest_minutes,
        sent_at=wish.digest_at,
        active_at=wish.active_at,
        oldest=found[0].created_at,
        at=at,
    ):
        return None
    actor = actor_of_user(user_id=wish.member.user_id, workspace_id=wish.member.workspace_id)
    if actor is None:
        return None
    ids = tuple(row.id for row in found)
    Notification.objects.filter(id__in=ids).update(emailed_at=at)
    Wish.objects.filter(member_id=member_id).update(digest_at=at)
    with languages.worded_in(languages.language_of(wish.member)):
        shown = _shown(actor, found, with_words=wish.email_words)
    return Letter(
        member=wish.member,
        lines=shown,
        more=max(0, len(found) - MOST_LINES),
        ids=ids,
    )


def _shown(actor: Actor, rows: list[Notification], *, with_words: bool) -> tuple[Line, ...]:
    newest = sorted(rows, key=lambda row: (row.at, row.id), reverse=True)[:MOST_LINES]
    return tuple(lines(actor, newest, with_words=with_words))


def _mail(letter: Letter, *, at: datetime) -> int:
    member = letter.member
    stop = settings.PUBLIC_URL + reverse("unsubscribe", args=[token_of(member.pk)])
    context = {
        "lines": letter.lines,
        "more": letter.more,
        "workspace": member.workspace.name,
        "name": str(member.user),
        "url": settings.PUBLIC_URL,
        "stop": stop,
    }
    with (
        languages.worded_in(languages.language_of(member)),
        timezone.override(times.zone_of(member)),
        clocks.reading(times.clock_of(member)),
    ):
        subject = tn(
            "{n} thing you haven't seen in {workspace}",
            "{n} things you haven't seen in {workspace}",
            len(letter.ids),
            workspace=member.workspace.name,
        )
        words, page = (render_to_string(f"notifications/digest.{kind}", context) for kind in ("txt", "html"))
    mail = EmailMultiAlternatives(
        subject=" ".join(subject.split())[:200],
        body=words,
        to=[member.user.email],
        headers={
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(page, "text/html")
    try:
        mail.send()
    except (OSError, SMTPException):
        log.exception("digest_not_mailed", member_id=member.pk)
        Notification.objects.filter(id__in=letter.ids, emailed_at=at).update(emailed_at=None)
        return 0
    return 1


def token_of(member_id: int) -> str:
    """What an email's link holds: it ends this member's emails and opens nothing else."""
    return signing.dumps(member_id, salt=SALT)


def member_of(token: str) -> int | None:
    """The member a link is for; None when it is forged or older than a year."""
    try:
        found = signing.loads(token, salt=SALT, max_age=LINK_GOOD_FOR)
    except signing.BadSignature:
        return None
    return found if isinstance(found, int) else None
