"""Settings, Two people: for what a second person must agree, what waits for one, and what was answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from twoway.desk.approvals_asked import ask, tell_answer
from twoway.desk.approvals_done import DEEDS, LABELS, RULES, doer, told
from twoway.desk.settings_frame import actor_of, guard, say, warn
from twoway.lib.refusal import Invalid, NotAllowed, Refused
from twoway.lib.words import noted, t
from twoway.teams.actor import Actor
from twoway.teams.approvals import actions, queries
from twoway.teams.approvals.gate import SecondPersonNeeded, agreed, rules_on
from twoway.teams.approvals.queries import Approval
from twoway.teams.approvals.rules import KINDS, State, may_decide, may_open, standing
from twoway.teams.rules import Right, may

P = ParamSpec("P")
TEMPLATE = "desk/settings/two_people.html"
ENDED = {
    State.DONE: noted("Done"),
    State.DECLINED: noted("Declined"),
    State.TAKEN_BACK: noted("Taken back"),
    State.EXPIRED: noted("Too late"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One request as one reader sees it. `is_hidden`: it is about something they can't see, or that is gone."""

    approval: Approval
    words: str
    url: str
    ended: str
    is_hidden: bool
    is_mine: bool
    may_decide: bool
    may_take: bool


def concerned(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Let in members who have a right that somebody may have to agree with."""

    @wraps(view)
    def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not may_open(actor_of(request)):
            raise NotAllowed(t("Your role doesn't allow this. Ask an owner or an admin."))
        return view(request, *args, **kwargs)

    return guard()(checked)


@concerned
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The rules, what waits and what was answered."""
    return _page(request)


@guard(Right.MANAGE_ROLES)
@require_POST
def rules(request: HttpRequest) -> HttpResponse:
    """Switch rules on at once; switching one off is asked for."""
    actor, at = actor_of(request), timezone.now()
    ticked, on = set(request.POST.getlist("rules")), rules_on(actor.workspace_id)
    unwanted = sorted(on - ticked)
    try:
        now = actions.switch_on(by=actor, wanted=ticked - on, at=at)
    except Invalid as refused:
        return _page(request, error=refused.sentence, ticked=ticked, status=422)
    try:
        actions.switch_off(by=actor, unwanted=unwanted, at=at)
    except SecondPersonNeeded:
        return ask(request, "rules_off", {"rules": unwanted})
    say(request, t("Saved. It applies at once.") if now != on else t("Nothing was changed."))
    return redirect("desk:settings_two_people")


@concerned
@require_POST
def agree(request: HttpRequest, approval_id: int) -> HttpResponse:
    """Agree, and do it."""

    def act(found: Approval, actor: Actor, at: datetime) -> str:
        note = request.POST.get("note", "")
        done = actions.agree(by=actor, approval_id=found.pk, do=doer(found.kind), note=note, at=at)
        tell_answer(done, by=actor, answer="agreed", at=at)
        if KINDS[found.kind].is_taken:
            return t("Agreed. {name} can take the file once, within 24 hours.", name=found.asked_by)
        return t("Agreed, and done.")

    return _answered(request, approval_id, act)


@concerned
@require_POST
def decline(request: HttpRequest, approval_id: int) -> HttpResponse:
    """Say no."""

    def act(found: Approval, actor: Actor, at: datetime) -> str:
        done = actions.decline(by=actor, approval_id=found.pk, note=request.POST.get("note", ""), at=at)
        tell_answer(done, by=actor, answer="declined", at=at)
        return t("Declined. Nothing was done.")

    return _answered(request, approval_id, act)


@concerned
@require_POST
def take_back(request: HttpRequest, approval_id: int) -> HttpResponse:
    """Ask no more for something one asked for."""

    def act(found: Approval, actor: Actor, at: datetime) -> str:
        actions.take_back(by=actor, approval_id=found.pk, at=at)
        return t("Taken back.")

    return _answered(request, approval_id, act)


def _answered(request: HttpRequest, approval_id: int, act: Callable[[Approval, Actor, datetime], str]) -> HttpResponse:
    """Do it in one transaction, and come back with what is to be said."""
    actor = actor_of(request)
    found = queries.access_approval(actor, approval_id)
    try:
        with transaction.atomic():
            words = act(found, actor, timezone.now())
    except Refused as refused:
        warn(request, refused.sentence)
    else:
        say(request, words)
    return redirect("desk:settings_two_people")


@concerned
@never_cache
@require_POST
def take(request: HttpRequest, approval_id: int) -> HttpResponseBase:
    """The file somebody agreed to, this once."""
    actor = actor_of(request)
    found = queries.access_approval(actor, approval_id)
    kind, taking = KINDS[found.kind], DEEDS[found.kind].take
    try:
        with transaction.atomic(), agreed(actor, kind.rule):
            payload = actions.use(by=actor, approval_id=found.pk, at=timezone.now())
            if taking is not None:
                return taking(request, payload)
    except (Refused, OSError) as refused:
        gone = t("The file can't be had now. Try again in a while.")
        warn(request, refused.sentence if isinstance(refused, Refused) else gone)
    return redirect("desk:settings_two_people")


def _page(request: HttpRequest, *, error: str = "", ticked: set[str] | None = None, status: int = 200) -> HttpResponse:
    actor, at = actor_of(request), timezone.now()
    on = rules_on(actor.workspace_id)
    shown = on if ticked is None else ticked
    context: dict[str, Any] = {
        "rules": [(str(word), t(label), t(about), word in shown) for word, (label, about) in RULES.items()],
        "is_any_on": bool(on),
        "may_set": may(actor, Right.MANAGE_ROLES),
        "waiting": [_row(actor, one, at) for one in queries.open_ones(actor, at=at)],
        "recent": [_row(actor, one, at) for one in queries.recent(actor, at=at)],
        "error": error,
    }
    return render(request, TEMPLATE, context, status=status)


def _row(actor: Actor, approval: Approval, at: datetime) -> Row:
    now = standing(approval.state, expires_at=approval.expires_at, usable_until=approval.usable_until, at=at)
    ended = t(ENDED[now]) if now in ENDED else ""
    known = None if ended else told(actor, approval.kind, approval.payload)
    is_mine = approval.asked_by_id == actor.member_id
    return Row(
        approval=approval,
        words=known.words if known else t(LABELS[approval.kind]),
        url=known.url if known else "",
        ended=ended,
        is_hidden=known is None and not ended,
        is_mine=is_mine,
        may_decide=now is State.ASKED and may_decide(actor, kind=approval.kind, asked_by=approval.asked_by_id),
        may_take=now is State.AGREED and is_mine,
    )
