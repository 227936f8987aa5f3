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
from twoway.lib.refusal import NotAllowed, Refused
from twoway.lib.words import noted, t
from twoway.messaging.cost.queries import count_used_up
from twoway.messaging.quarantine import count_open
from twoway.teams.actor import Actor
from twoway.teams.approvals.queries import count_waiting
from twoway.teams.approvals.rules import CONCERNED, may_open
from twoway.teams.rules import Right, may, require

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One line of the settings column. `right` is None for what everybody has; `names` are the URL names it covers.

    With one of the rights in `also` it may be opened as well.
    """

    label: str
    words: str
    icon: str
    url_name: str
    right: Right | None
    names: tuple[str, ...] = ()
    also: frozenset[Right] = frozenset()


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


_PAGES: tuple[tuple[str, tuple[Page, ...]], ...] = (
    (
        noted("You"),
        (
            Page(label=noted("Profile"), words=noted("Name, theme"), icon="user", url_name="desk:profile", right=None),
            Page(
                label=noted("Notifications"),
                words=noted("What you're told, how, and when not"),
                icon="bell",
                url_name="desk:notify",
                right=None,
                names=("notifications",),
            ),
            Page(
                label=noted("Times"),
                words=noted("Your time zone and clock"),
                icon="cal",
                url_name="desk:times",
                right=None,
            ),
            Page(
                label=noted("Keyboard shortcuts"),
                words=noted("Your own keys"),
                icon="cmd",
                url_name="desk:keys",
                right=None,
            ),
            Page(
                label=noted("Sign-in and security"),
                words=noted("Password, second step, passkeys"),
                icon="lock",
                url_name="mfa_index",
                right=None,
                names=("account_change_password",),
            ),
            Page(
                label=noted("Time texting"),
                words=noted("How long texts take, and what is measured"),
                icon="clock",
                url_name="desk:effort",
                right=None,
            ),
        ),
    ),
    (
        noted("Workspace"),
        (
            Page(
                label=noted("Get started"),
                words=noted("What is set up, and what is left"),
                icon="flag",
                url_name="desk:setup_steps",
                right=Right.MANAGE_WORKSPACE,
                names=("setup_",),
            ),
            Page(
                label=noted("General"),
                words=noted("Name, time zone, answers to keywords"),
                icon="sliders",
                url_name="desk:settings_workspace",
                right=Right.MANAGE_WORKSPACE,
            ),
            Page(
                label=noted("People"),
                words=noted("Who works here and what they may do"),
                icon="users",
                url_name="desk:settings_members",
                right=Right.MANAGE_MEMBERS,
                names=("settings_member", "settings_invit"),
            ),
            Page(
                label=noted("Roles"),
                words=noted("What each may see and do"),
                icon="key",
                url_name="desk:settings_roles",
                right=Right.MANAGE_ROLES,
                names=("settings_role",),
            ),
            Page(
                label=noted("Two people"),
                words=noted("What takes a second person's yes"),
                icon="shield",
                url_name="desk:settings_two_people",
                right=Right.MANAGE_ROLES,
                also=CONCERNED,
            ),
            Page(
                label=noted("Teams"),
                words=noted("Who shares work"),
                icon="layers",
                url_name="desk:settings_teams",
                right=Right.MANAGE_TEAMS,
                names=("settings_team",),
            ),
            Page(
                label=noted("Hours"),
                words=noted("When somebody answers"),
                icon="clock",
                url_name="desk:settings_hours",
                right=Right.MANAGE_WORKSPACE,
            ),
            Page(
                label=noted("Tags"),
                words=noted("What conversations are about"),
                icon="tag",
                url_name="desk:settings_tags",
                right=Right.TAG,
                names=("settings_tag",),
            ),
            Page(
                label=noted("Answering"),
                words=noted("Who answers what somebody has"),
                icon="user",
                url_name="desk:settings_answering",
                right=Right.REPLY,
            ),
            Page(
                label=noted("Callbacks"),
                words=noted("Calls customers ask for by text"),
                icon="callback",
                url_name="desk:settings_callbacks",
                right=Right.MANAGE_WORKSPACE,
            ),
            Page(
                label=noted("Tone"),
                words=noted("How texts sound, words to avoid"),
                icon="mega",
                url_name="desk:settings_tone",
                right=Right.MANAGE_WORKSPACE,
            ),
            Page(
                label=noted("Saved replies"),
                words=noted("Prepared answers, found with /"),
                icon="slash",
                url_name="desk:settings_replies",
                right=Right.REPLY,
                names=("settings_reply",),
            ),
            Page(
                label=noted("Macros"),
                words=noted("Several actions with one key"),
                icon="bolt",
                url_name="desk:settings_macros",
                right=Right.REPLY,
                names=("settings_macro",),
            ),
            Page(
                label=noted("Contact fields"),
                words=noted("What you keep about people"),
                icon="list",
                url_name="desk:settings_fields",
                right=Right.MANAGE_WORKSPACE,
                names=("settings_field",),
            ),
            Page(
                label=noted("Wallboard"),
                words=noted("Who sees it, screens on the wall"),
                icon="monitor",
                url_name="desk:settings_wallboard",
                right=Right.MANAGE_WORKSPACE,
            ),
            Page(
                label=noted("Costs"),
                words=noted("What texts cost, budgets, prices"),
                icon="chart",
                url_name="desk:settings_costs",
                right=Right.SEE_COSTS,
                names=("settings_budget", "settings_price"),
            ),
        ),
    ),
    (
        noted("Channels"),
        (
            Page(
                label=noted("Numbers"),
                words=noted("What customers text"),
                icon="phone",
                url_name="desk:settings_channels",
                right=Right.MANAGE_CHANNELS,
                names=("settings_channel", "settings_number"),
            ),
            Page(
                label=noted("Number health"),
                words=noted("What becomes of texts, pausing, retiring"),
                icon="chart",
                url_name="desk:settings_health",
                right=Right.MANAGE_CHANNELS,
                names=("settings_health",),
            ),
            Page(
                label=noted("Pools"),
                words=noted("Several numbers, one purpose"),
                icon="merge",
                url_name="desk:settings_pools",
                right=Right.MANAGE_CHANNELS,
                names=("settings_pool",),
            ),
            Page(
                label=noted("Carrier limits"),
                words=noted("Brands, campaigns, a day's limit"),
                icon="target",
                url_name="desk:settings_limits",
                right=Right.MANAGE_CHANNELS,
                names=("settings_brand", "settings_campaign"),
            ),
            Page(
                label=noted("Delivery problems"),
                words=noted("Why texts did not arrive, and what to do"),
                icon="alert",
                url_name="desk:problems",
                names=("problem",),
                right=Right.SEE_QUARANTINE,
            ),
            Page(
                label=noted("Quarantine"),
                words=noted("Webhooks we couldn't use yet"),
                icon="alert",
                url_name="desk:quarantine",
                right=Right.SEE_QUARANTINE,
            ),
        ),
    ),
    (
        noted("Developer"),
        (
            Page(
                label=noted("API tokens"),
                words=noted("Keys for programs"),
                icon="key",
                url_name="desk:settings_tokens",
                right=Right.MANAGE_TOKENS,
            ),
        ),
    ),
)


def groups(actor: Actor, *, here: str, counts: dict[str, int]) -> tuple[Group, ...]:
    """The settings pages this actor may open. `here` is the current URL name, `counts` goes by URL name."""
    shown = ((label, tuple(page for page in pages if _is_for(actor, page))) for label, pages in _PAGES)
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
