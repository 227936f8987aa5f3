"""The bell and the page behind it: what a member was told, reading it, and muting a conversation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from twoway.conversations.queries import access_conversation
from twoway.desk.inbox_frame import desk_view, id_of, shown
from twoway.desk.middleware import DeskRequest
from twoway.desk.settings_frame import say
from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.notifications import actions, queries, rules
from twoway.notifications.queries import Line

IN_THE_BELL = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Lines of today, or of earlier."""

    label: str
    lines: tuple[Line, ...]


@require_safe
@desk_view
def page(request: DeskRequest) -> HttpResponse:
    """Everything this member was told, newest first; for the bell the newest alone."""
    is_bell = bool(request.htmx)
    before = _before(request)
    limit = IN_THE_BELL if is_bell else queries.PAGE
    lines = queries.listed(request.actor, before=before, limit=limit)
    now = timezone.now()
    context = {
        "groups": grouped(lines, now=now),
        "has_unread": queries.news(request.actor, at=now).unread > 0,
        "older": lines[-1].at.isoformat() if len(lines) == queries.PAGE and not is_bell else "",
        "paused_until": _paused(request, now),
        "pauses": [(value, t(words)) for value, words in rules.PAUSES.items()],
    }
    return shown(request, "desk/notifications/bell.html" if is_bell else "desk/notifications/page.html", context)


def grouped(lines: list[Line], *, now: datetime) -> tuple[Group, ...]:
    """Today's lines and those before, in the time zone in use; groups without lines are left out."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    today = tuple(line for line in lines if line.at >= midnight)
    earlier = tuple(line for line in lines if line.at < midnight)
    groups = (Group(label=t("Today"), lines=today), Group(label=t("Earlier"), lines=earlier))
    return tuple(group for group in groups if group.lines)


@require_safe
@desk_view
def news(request: DeskRequest) -> HttpResponse:
    """What the bell shows, as JSON; `at_desk=1` says that the member is at this window."""
    if request.GET.get("at_desk") == "1":
        actions.be_active(by=request.actor, at=timezone.now())
    return told(request)


def told(request: DeskRequest) -> HttpResponse:
    """The news of this member as JSON."""
    found = queries.news(request.actor, at=timezone.now())
    return JsonResponse(
        {
            "unread": found.unread,
            "conversations": found.conversation_ids,
            "newest": f"{found.newest_id}@{found.newest_at.isoformat()}" if found.newest_at else "",
            "loud": found.is_loud,
            "sound": found.sound,
            "volume": found.volume,
        }
    )


@require_safe
@desk_view
def opened(request: DeskRequest, notification_id: int) -> HttpResponse:
    """Read one and go where it leads."""
    line = queries.access_notification(request.actor, notification_id)
    actions.read(by=request.actor, at=timezone.now(), notification_id=line.id)
    return redirect(line.path)


@require_POST
@desk_view
def read(request: DeskRequest) -> HttpResponse:
    """Mark as read: one (`id`), those of a conversation (`conversation`), or with `all` everything."""
    one, talk = id_of(request.POST.get("id", "")), id_of(request.POST.get("conversation", ""))
    if not (one or talk or request.POST.get("all")):
        raise Invalid(t("Say what to mark as read."), field="id")
    if request.POST.get("unread") and one:
        actions.unread(by=request.actor, notification_id=one)
    else:
        actions.read(by=request.actor, at=timezone.now(), notification_id=one, conversation_id=talk)
    return told(request) if request.htmx else redirect("desk:notifications")


@require_POST
@desk_view
def mute(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """Hear nothing more of a conversation; with `off`, hear of it again."""
    talk = access_conversation(request.actor, conversation_id)
    is_muted = not request.POST.get("off")
    actions.mute(conversation=talk, is_muted=is_muted, by=request.actor)
    if request.htmx:
        context = {"conversation_id": talk.pk, "is_muted": is_muted}
        return shown(request, "desk/notifications/mute.html", context)
    return redirect("desk:conversation", talk.pk)


@require_safe
@desk_view
def muted(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """The line of a conversation's menu that mutes it."""
    talk = access_conversation(request.actor, conversation_id)
    context = {"conversation_id": talk.pk, "is_muted": queries.is_muted(request.actor, talk.pk)}
    return shown(request, "desk/notifications/mute.html", context)


@require_POST
@desk_view
def pause(request: DeskRequest) -> HttpResponse:
    """Silence everything for a while, or no longer."""
    until = actions.pause(choice=request.POST.get("pause", ""), by=request.actor, at=timezone.now())
    say(request, t("Notifications are paused.") if until else t("Notifications are on again."))
    target = request.POST.get("next", "")
    return redirect(target if target == reverse("desk:notify") else "desk:notifications")


def _before(request: DeskRequest) -> datetime | None:
    try:
        found = parse_datetime(request.GET.get("before", "")[:40])
    except ValueError:
        return None
    return found if found is not None and timezone.is_aware(found) else None


def _paused(request: DeskRequest, now: datetime) -> datetime | None:
    until = queries.wish_of(request.actor).paused_until
    return until if until is not None and until > now + timedelta(seconds=1) else None
