"""What every page of the compliance centre shares: its tabs. One line here and a view is a new tab.

Views use `settings_frame.guard`, `actor_of` and `say`; templates extend `desk/compliance/frame.html`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from twoway.compliance.consent.listing.queries import count_opted_out
from twoway.compliance.retention.queries import count_due
from twoway.compliance.revocation.queries import count_open
from twoway.desk.settings_frame import actor_of
from twoway.lib.words import noted, t
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, may

Counted = Callable[[Actor, datetime], int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tab:
    """One page of the centre. `names` are further starts of URL names it covers; `count` is what stands beside it.

    A hot count asks for somebody's attention.
    """

    label: str
    url_name: str
    right: Right = Right.SEE_COMPLIANCE
    names: tuple[str, ...] = ()
    count: Counted | None = None
    is_hot: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownTab:
    """A tab as one member sees it."""

    label: str
    url: str
    is_current: bool
    count: int = 0
    is_hot: bool = False


TABS: tuple[Tab, ...] = (
    Tab(label=noted("Overview"), url_name="desk:compliance"),
    Tab(label=noted("Consent ledger"), url_name="desk:compliance_ledger"),
    Tab(label=noted("Opt-outs"), url_name="desk:compliance_optouts", count=count_opted_out),
    Tab(label=noted("Unsure"), url_name="desk:compliance_unsure", count=count_open, is_hot=True),
    Tab(label=noted("Quiet hours"), url_name="desk:compliance_quiet"),
    Tab(label=noted("Purposes and caps"), url_name="desk:compliance_pacing"),
    Tab(label=noted("Keywords"), url_name="desk:compliance_keywords"),
    Tab(label=noted("Opt-in"), url_name="desk:compliance_optin"),
    Tab(label=noted("Modes and privacy"), url_name="desk:compliance_modes", names=("compliance_blocks",)),
    Tab(label=noted("Content"), url_name="desk:compliance_content"),
    Tab(label=noted("Retention"), url_name="desk:compliance_retention", names=("compliance_hold",)),
    Tab(
        label=noted("Requests"),
        url_name="desk:compliance_requests",
        names=("compliance_request",),
        count=count_due,
        is_hot=True,
    ),
    Tab(label=noted("Registration"), url_name="desk:compliance_registration"),
    Tab(label=noted("Audit log"), url_name="desk:compliance_audit"),
)


def shown_tabs(request: HttpRequest) -> tuple[ShownTab, ...]:
    """The tabs this request's member may open; the one with the longest fitting name is current."""
    actor = actor_of(request)
    match = request.resolver_match
    here = match.url_name or "" if match else ""
    tabs = [tab for tab in TABS if may(actor, tab.right)]
    current = max(tabs, key=lambda tab: _fit(tab, here), default=None)
    return tuple(_shown(tab, actor, is_current=tab is current and _fit(tab, here) > 0) for tab in tabs)


def _fit(tab: Tab, here: str) -> int:
    """How many letters of this page's URL name the tab covers."""
    starts = (tab.url_name.removeprefix("desk:"), *tab.names)
    return max((len(start) for start in starts if here.startswith(start)), default=0)


def _shown(tab: Tab, actor: Actor, *, is_current: bool) -> ShownTab:
    count = tab.count(actor, timezone.now()) if tab.count else 0
    return ShownTab(
        label=t(tab.label),
        url=reverse(tab.url_name),
        is_current=is_current,
        count=count,
        is_hot=tab.is_hot and count > 0,
    )
