"""The devices somebody is signed in on, and ending their sessions.

The list is kept by the account package (`allauth.usersessions`): when a session begins, and from then on at most every
few minutes while its browser has the desk open.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest

from twoway.lib.refusal import NotFound
from twoway.teams.models import User

NOTED_EVERY = timedelta(minutes=5)
_NOWHERE = "0.0.0.0"  # noqa: S104 - what is kept when the server was not told an address; nothing listens on it

_BROWSERS = (
    ("Edge", r"\bEdg(?:e|A|iOS)?/(\d+)"),
    ("Opera", r"\b(?:OPR|Opera)/(\d+)"),
    ("Samsung Internet", r"\bSamsungBrowser/(\d+)"),
    ("Firefox", r"\b(?:Firefox|FxiOS)/(\d+)"),
    ("Chrome", r"\b(?:Chrome|CriOS|HeadlessChrome)/(\d+)"),
    ("Safari", r"\bVersion/(\d+)[\d.]*.*\bSafari/"),
)
_SYSTEMS = (
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("Android", r"\bAndroid\b"),
    ("Windows", r"\bWindows\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("macOS", r"\bMac OS X\b|\bMacintosh\b"),
    ("Linux", r"\bLinux\b"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    """One session: `browser` and `system` are empty when its browser did not say; `address` when it is unknown."""

    id: int
    browser: str
    system: str
    address: str
    began_at: datetime
    seen_at: datetime
    is_here: bool

    @property
    def is_phone(self) -> bool:
        """Whether it is carried around."""
        return self.system in {"iPhone", "iPad", "Android"}


def browser_of(user_agent: str) -> str:
    """Browser and version as a browser describes itself, such as `Firefox 140`, or "" when it can't be told."""
    for name, pattern in _BROWSERS:
        if found := re.search(pattern, user_agent):
            return f"{name} {found[1]}"
    return ""


def system_of(user_agent: str) -> str:
    """The system as a browser describes itself, such as `Windows`, or ""."""
    return next((name for name, pattern in _SYSTEMS if re.search(pattern, user_agent)), "")


def note(request: HttpRequest, *, at: datetime) -> None:
    """Keep that this session is in use. Writes at most every five minutes."""
    key = request.session.session_key
    if not key or UserSession.objects.filter(session_key=key, last_seen_at__gt=at - NOTED_EVERY).exists():
        return
    UserSession.objects.create_from_request(request)


def devices(user: AbstractBaseUser, *, here: str | None) -> list[Device]:
    """The sessions of this user that have not ended: the one with the key `here` first, then the last used."""
    rows = UserSession.objects.purge_and_list(user)
    found = [
        Device(
            id=row.pk,
            browser=browser_of(row.user_agent),
            system=system_of(row.user_agent),
            address="" if row.ip == _NOWHERE else row.ip,
            began_at=row.created_at,
            seen_at=row.last_seen_at,
            is_here=row.session_key == here,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (not one.is_here, -one.seen_at.timestamp()))


def end_one(user: AbstractBaseUser, session_id: int) -> None:
    """End one session of this user. Raises `NotFound`."""
    row = UserSession.objects.filter(user=user, id=session_id).first()
    if row is None:
        raise NotFound("session", session_id)
    row.end()


@transaction.atomic
def end_all(user: User, *, but: str | None = None) -> None:
    """End every session of this user, listed or not; the list keeps the one with the key `but`.

    That one has to be given the account's new `session_round` (`django.contrib.auth.update_session_auth_hash`).
    """
    User.objects.filter(id=user.pk).update(session_round=F("session_round") + 1)
    user.refresh_from_db(fields=["session_round"])
    for row in UserSession.objects.filter(user=user).exclude(session_key=but or ""):
        row.end()
