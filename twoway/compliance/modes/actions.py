"""Setting the modes of numbers, and who sees whole phone numbers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from twoway.channels.models import Channel
from twoway.compliance.modes import rules
from twoway.compliance.modes.models import ChannelMode
from twoway.events.actions import audit
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.models import Workspace
from twoway.teams.rules import NUMBERS_FROM, Right, require

LOOKED_AGAIN_FOR = timedelta(minutes=5)

_HIDE = """
    UPDATE contact SET is_anonymous = true
    WHERE NOT is_anonymous AND id IN (
        SELECT v.contact_id FROM conversation v
        JOIN channel_mode m ON m.channel_id = v.channel_id AND m.is_anonymous
        WHERE v.channel_id = ANY(%s))
"""


@transaction.atomic
def set_mode(
    *,
    channel: Channel,
    is_reply_only: bool,
    request_hours: int,
    ends_when_done: bool,
    is_anonymous: bool,
    by: Actor,
    at: datetime,
) -> ChannelMode:
    """Set the modes of a number. Everybody who has a conversation on a number that becomes anonymous is so from now on;
    a number that stops being so shows people who write afterwards, and nobody from before.

    Raises `NotAllowed`, `Invalid`.
    """
    require(by, Right.MANAGE_COMPLIANCE)
    if channel.workspace_id != by.workspace_id:
        raise NotAllowed(t("This number is not in this workspace."))
    if not rules.LEAST_HOURS <= request_hours <= rules.MOST_HOURS:
        raise Invalid(
            t("Write {least} to {most} hours.", least=rules.LEAST_HOURS, most=rules.MOST_HOURS), field="request_hours"
        )
    Channel.objects.select_for_update(no_key=True).get(id=channel.pk)
    mode, _ = ChannelMode.objects.get_or_create(channel=channel, defaults={"changed_at": at})
    before = _told(mode)
    became_anonymous = is_anonymous and not mode.is_anonymous
    mode.is_reply_only, mode.request_hours, mode.ends_when_done = is_reply_only, request_hours, ends_when_done
    mode.is_anonymous, mode.changed_at = is_anonymous, at
    mode.anonymous_at = at if became_anonymous else mode.anonymous_at
    mode.save()
    hidden = hide_people(channel_ids=[channel.pk]) if is_anonymous else 0
    if _told(mode) != before:
        data = {"before": before, "after": _told(mode), "people_hidden": hidden}
        _audit(by, "channel.mode_set", f"channel {channel.pk}", data, at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('twoway_channels', %s)", [str(channel.pk)])
    return mode


def hide_people(*, channel_ids: Iterable[int]) -> int:
    """Make everybody anonymous who has a conversation on these numbers, as far as those are in that mode; how many."""
    with connection.cursor() as cursor:
        cursor.execute(_HIDE, [list(channel_ids)])
        return int(cursor.rowcount)


def hide_newcomers(*, at: datetime) -> int:
    """Look again after a number became anonymous: at who wrote while intake had not heard of it yet; how many."""
    lately = ChannelMode.objects.filter(is_anonymous=True, anonymous_at__gte=at - LOOKED_AGAIN_FOR)
    return hide_people(channel_ids=ids) if (ids := list(lately.values_list("channel_id", flat=True))) else 0


@transaction.atomic
def set_numbers_from(*, role: str, by: Actor, at: datetime) -> None:
    """Choose from which role up whole phone numbers are seen. Raises `NotAllowed`, `Invalid`."""
    require(by, Right.MANAGE_COMPLIANCE)
    if role not in NUMBERS_FROM:
        raise Invalid(t("Choose one of: {choices}.", choices=", ".join(NUMBERS_FROM)), field="numbers_from")
    workspace = Workspace.objects.select_for_update(no_key=True).get(id=by.workspace_id)
    if workspace.numbers_from != role:
        before, workspace.numbers_from = workspace.numbers_from, role
        workspace.save(update_fields=["numbers_from"])
        _audit(by, "numbers.shown_from", "workspace", {"before": before, "after": role}, at)


def _told(mode: ChannelMode) -> dict[str, Any]:
    names = ("is_reply_only", "request_hours", "ends_when_done", "is_anonymous")
    return {name: getattr(mode, name) for name in names}


def _audit(by: Actor, action: str, subject: str, data: dict[str, Any], at: datetime) -> None:
    audit(workspace_id=by.workspace_id, actor=by.audit_name, action=action, subject=subject, data=data, at=at)
