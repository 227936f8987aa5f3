"""Online, away or on break: the menu in the rail, and for managers who is here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from twoway.desk.builders import chips
from twoway.desk.context import MemberChip
from twoway.desk.context.frame import PresenceMenu
from twoway.desk.inbox_frame import desk_view, require_right, shown
from twoway.desk.middleware import DeskRequest
from twoway.desk.settings_frame import say
from twoway.lib.words import noted, t, tn
from twoway.routing.presence import actions
from twoway.routing.presence import queries as presence
from twoway.routing.queries.people import capacity_of
from twoway.teams.actor import Actor
from twoway.teams.queries import access_member, member_may, members
from twoway.teams.rules import Right, may

MENU, DIALOG, PAGE = "desk/presence/menu.html", "desk/presence/here.html", "desk/presence/here_page.html"
STATES = {
    "online": noted("Online"),
    "away": noted("Away"),
    "break": noted("On break"),
    "offline": noted("Offline"),
}
SAID = {
    "online": noted("You're online: conversations are given to you."),
    "away": noted("You're away: nothing new is given to you."),
    "break": noted("You're on break: nothing new is given to you."),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """Somebody among who is here; `room` says how many conversations they have of how many they may."""

    member: MemberChip
    state: str
    words: str
    since: datetime | None
    room: str
    may_be_set: bool


def menu_of(actor: Actor, *, said: str = "") -> PresenceMenu | None:
    """What the rail and the profile show; None where no conversations are given out, and for who doesn't answer."""
    if actor.member_id is None or not may(actor, Right.REPLY):
        return None
    mark = presence.mark_of(actor.workspace_id, actor.member_id)
    if mark is None:
        return None
    return PresenceMenu(
        state=mark.chosen,
        words=t(STATES[mark.chosen]),
        since=mark.since if mark.has_chosen else None,
        choices=tuple((state, t(STATES[state])) for state in ("online", "away", "break")),
        sees_others=may(actor, Right.SEE_WORK),
        said=said,
        missed=_missed(mark),
    )


def _missed(mark: presence.Mark) -> str:
    """What somebody who is away misses: those who wait for them, and for who never chose, that nothing comes."""
    if mark.is_missed and mark.waiting:
        return tn(
            "{n} conversation waits in your queues, and you're away.",
            "{n} conversations wait in your queues, and you're away.",
            mark.waiting,
        )
    if mark.is_missed and not mark.has_chosen:
        return t("You're away, so no conversations are given to you.")
    return ""


@require_POST
@desk_view
def choose(request: DeskRequest) -> HttpResponse:
    """Be online, away or on break."""
    require_right(request.actor, Right.REPLY)
    state = request.POST.get("state", "")
    actions.choose(state=state, by=request.actor, at=timezone.now())
    words = t(SAID[state])
    if request.htmx:
        return shown(request, MENU, {"presence": menu_of(request.actor, said=words), "is_answer": True})
    say(request, words)
    return redirect("desk:settings_queues" if request.POST.get("from") == "queues" else "desk:profile")


@require_safe
@desk_view
def here(request: DeskRequest) -> HttpResponse:
    """Who is here, and how much they have to do."""
    require_right(request.actor, Right.SEE_WORK)
    return _list(request)


@require_POST
@desk_view
def choose_for(request: DeskRequest, member_id: int) -> HttpResponse:
    """Choose for somebody who can't."""
    state = request.POST.get("state", "")
    member = access_member(request.actor, member_id)
    actions.choose_for(member_id=member.pk, state=state, by=request.actor, at=timezone.now())
    if request.htmx:
        return _list(request)
    say(request, t("{name}: {state}.", name=str(member), state=t(STATES[state])))
    return redirect("desk:presence_here")


def _list(request: DeskRequest) -> HttpResponse:
    context = {"lines": lines_of(request.actor, at=timezone.now())}
    return shown(request, DIALOG if request.htmx else PAGE, context)


def lines_of(actor: Actor, *, at: datetime) -> list[Line]:
    """Everybody who may answer: who is online first, then by name."""
    seen = {one.member_id: one for one in presence.present(actor.workspace_id, at)}
    order = {state: place for place, state in enumerate(STATES)}
    may_set = may(actor, Right.MANAGE_TEAMS)
    people = [one for one in members(actor) if member_may(one, Right.REPLY)]
    loads = capacity_of(actor.workspace_id, [one.pk for one in people], at=at)
    found = []
    for member in people:
        one = seen.get(member.pk)
        state = one.state if one else "offline"
        found.append(
            Line(
                member=chips.member_chip(member),
                state=state,
                words=t(STATES[state]),
                since=one.since if one else None,
                room=t("{held} of {most}", held=loads[member.pk].load, most=loads[member.pk].capacity),
                may_be_set=may_set and state in {"online", "break"} and member.pk != actor.member_id,
            )
        )
    return sorted(found, key=lambda line: order[line.state])
