"""What every settings page shares: the column of pages a member may open, and the guard in front of each view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from twoway.channels.queries import visible_channels
from twoway.desk import errors
from twoway.desk.settings_pages import PAGES, Page
from twoway.lib.refusal import NotAllowed, Refused
from twoway.lib.words import t
from twoway.messaging.cost.queries import count_used_up
from twoway.messaging.quarantine import count_open
from twoway.teams.actor import Actor
from twoway.teams.approvals.queries import count_waiting
from twoway.teams.approvals.rules import may_open
from twoway.teams.rules import Right, may, require

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A page as one member sees it."""

    label: str
    words: str
    icon: str
    url: str
    is_current: bool
    count: int = 0
    is_hot: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Pages under one heading."""

    label: str
    lines: tuple[Line, ...]


def groups(actor: Actor, *, here: str, counts: dict[str, int]) -> tuple[Group, ...]:
    """The settings pages this actor may open. `here` is the current URL name, `counts` goes by URL name."""
    shown = ((label, tuple(page for page in pages if _is_for(actor, page))) for label, pages in PAGES)
    return tuple(
        Group(label=t(label), lines=tuple(_line(page, here=here, counts=counts) for page in pages))
        for label, pages in shown
        if pages
    )


def _is_for(actor: Actor, page: Page) -> bool:
    return page.right is None or may(actor, page.right) or any(may(actor, right) for right in page.also)


def guard(right: Right | None = None) -> Callable[[View[P]], View[P]]:
    """Let in members with this right only, and turn a refusal into its page: nobody sees a form they may not send.

    That whoever asks is a member, the middleware has seen to for the whole desk.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            try:
                if right is not None:
                    require(actor_of(request), right)
                return view(request, *args, **kwargs)
            except Refused as refused:
                return errors.refused(request, refused)

        return guarded

    return decorate


def actor_of(request: HttpRequest) -> Actor:
    """Who looks. Raises `NotAllowed` for a signed-in account that is in no workspace."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        raise NotAllowed(t("You aren't in a workspace. Ask an owner or an admin to add you."))
    return actor


def column(request: HttpRequest) -> tuple[Group, ...]:
    """The settings column of this request, with its counts."""
    actor = actor_of(request)
    match = request.resolver_match
    return groups(actor, here=match.url_name or "" if match else "", counts=_counts(actor))


def say(request: HttpRequest, words: str) -> None:
    """One line the next page shows as a toast."""
    messages.success(request, words)


def warn(request: HttpRequest, words: str) -> None:
    """The same for what did not work."""
    messages.error(request, words)


def _counts(actor: Actor) -> dict[str, int]:
    counts = {}
    if may(actor, Right.MANAGE_CHANNELS):
        counts["settings_channels"] = visible_channels(actor).filter(is_active=True).count()
    if may(actor, Right.SEE_QUARANTINE):
        counts["quarantine"] = count_open(actor)
    if may(actor, Right.SEE_COSTS):
        counts["settings_costs"] = count_used_up(actor, at=timezone.now())
    if may_open(actor):
        counts["settings_two_people"] = count_waiting(actor, at=timezone.now())
    return counts


def _line(page: Page, *, here: str, counts: dict[str, int]) -> Line:
    own = page.url_name.removeprefix("desk:")
    count = counts.get(own, 0)
    return Line(
        label=t(page.label),
        words=t(page.words),
        icon=page.icon,
        url=reverse(page.url_name),
        is_current=here == own or any(here.startswith(name) for name in (*page.names, own)),
        count=count,
        is_hot=own in {"quarantine", "settings_costs", "settings_two_people"} and count > 0,
    )
