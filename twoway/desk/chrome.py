"""The frame of every signed-in page, as `desk/base.html` asks for it. Nothing is read until it is drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from twoway.analytics.wallboard.queries import may_see
from twoway.channels.queries import has_simulator
from twoway.conversations.queries import count_unread
from twoway.desk import commands
from twoway.desk.builders.chips import member_chip
from twoway.desk.context import Desk, Nav, Theme, Toast
from twoway.desk.habits import habit_on
from twoway.desk.middleware import DeskRequest
from twoway.desk.presence_menu import menu_of
from twoway.messaging.callbacks import queries as callbacks
from twoway.teams.rules import Right, may

T = TypeVar("T")

_NAVS: tuple[tuple[str, Nav], ...] = (
    ("callback", "callbacks"),
    ("compliance", "compliance"),
    ("forecast", "board"),
    ("wallboard", "board"),
    ("contacts", "people"),
    ("settings", "settings"),
    ("problem", "settings"),
    ("quarantine", "settings"),
    ("mfa", "settings"),
    ("account", "settings"),
    ("simulator", "simulator"),
    ("setup", "settings"),
    ("profile", "profile"),
    ("keys", "profile"),
    ("times", "profile"),
    ("notif", "profile"),
    ("presence", "profile"),
)
_OF_PEOPLE = frozenset({"contact", "contact_add", "contact_merge", "contact_merge_with"})


def chrome(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `desk` for members, and `toasts`, what the last page left to say."""
    context: dict[str, Any] = {"toasts": SimpleLazyObject(lambda: _toasts(request))}
    if settings.SSO_ISSUER:
        context["single_sign_on"] = {"name": settings.SSO_NAME, "is_only": settings.SSO_ONLY}
    if hasattr(request, "actor"):
        context["desk"] = SimpleLazyObject(lambda: desk_of(cast(DeskRequest, request)))
    return context


def desk_of(request: DeskRequest) -> Desk:
    """The frame of this request. What a fragment doesn't show is not read for it.

    The dot for unread texts is asked for only where the inbox itself is not shown, and whether they are there only
    where the page has not read already that nothing is given out.
    """
    member, actor = request.signed.member, request.actor
    nav = nav_of(request)
    return Desk(
        member=member_chip(member),
        email=member.user.email,
        role=member.role_name,
        workspace=member.workspace.name,
        nav=nav,
        theme=_theme(member.user.theme),
        keys=member.user.uses_single_keys,
        commands=_later(lambda: commands.groups(habit_on(request).keys)),
        goes_on=_later(lambda: habit_on(request).goes_on),
        has_simulator=_later(lambda: may(actor, Right.USE_SIMULATOR) and _has_simulator(request)),
        may_manage=may(actor, Right.MANAGE_CHANNELS),
        sees_compliance=may(actor, Right.SEE_COMPLIANCE),
        may_write=may(actor, Right.REPLY),
        unread=_later(lambda: 0 if nav == "inbox" else count_unread(actor)),
        sees_board=_later(lambda: may_see(actor)),
        calls=_later(lambda: callbacks.due_now(actor)),
        elsewhere=request.elsewhere,
        sets_up=may(actor, Right.MANAGE_WORKSPACE) and not member.workspace.are_steps_hidden,
        zone=member.user.time_zone or member.workspace.time_zone,
        presence=_later(lambda: menu_of(actor) if getattr(request, "gives_out", True) else None),
        asks_zone=not (member.user.time_zone or member.user.was_asked_zone),
    )


def _later(read: Callable[[], T]) -> T:
    """What is read when a template first looks at it."""
    return cast(T, SimpleLazyObject(read))


def nav_of(request: HttpRequest) -> Nav:
    """Which part of the desk this page belongs to, by the name of its URL."""
    match = request.resolver_match
    name = match.url_name or "" if match else ""
    if name in _OF_PEOPLE:
        return "people"
    for start, nav in _NAVS:
        if name.startswith(start):
            return nav
    return "inbox" if match and match.namespace == "desk" else ""


def _has_simulator(request: DeskRequest) -> bool:
    """From the numbers the page has read already, where it has."""
    if not hasattr(request, "channels"):
        return has_simulator(request.actor)
    return any(channel.provider == "simulator" and channel.is_active for channel in request.channels)


def _theme(name: str) -> Theme:
    return "light" if name == "light" else "dark" if name == "dark" else "system"


def _toasts(request: HttpRequest) -> list[Toast]:
    return [Toast(words=str(message)) for message in get_messages(request)]
