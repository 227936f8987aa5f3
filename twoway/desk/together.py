"""Working together in one conversation: whom a note can name, and who is looking or writing there."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.views.decorators.http import require_POST, require_safe

from twoway.conversations import queries as conversations
from twoway.conversations.together import presence
from twoway.conversations.together import queries as together
from twoway.desk.builders import chips
from twoway.desk.context import MemberChip
from twoway.desk.inbox_frame import desk_view, require_right, shown
from twoway.desk.middleware import DeskRequest
from twoway.desk.templatetags.desk import initials
from twoway.lib.refusal import Invalid
from twoway.lib.words import t, tn
from twoway.teams.rules import Right


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferLine:
    """One line of the list behind an @. `detail` says why somebody can't be told, or who a team is."""

    kind: str
    id: int
    name: str
    handle: str
    called: tuple[str, ...]
    chip: MemberChip | None
    why_not: str
    detail: str


@require_safe
@desk_view
def mentions(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """Whom a note in this conversation can name, and who can't be told of it."""
    found = conversations.access_conversation(request.actor, conversation_id)
    require_right(request.actor, Right.REPLY)
    offers = [_line(one) for one in together.offers(request.actor, found) if not _is_me(one, request)]
    return shown(request, "desk/together/mentions.html", {"offers": offers})


def _is_me(one: together.Offer, request: DeskRequest) -> bool:
    return one.kind == "member" and one.id == request.actor.member_id


def _line(one: together.Offer) -> OfferLine:
    many = len(one.member_ids)
    detail = one.why_not or ("" if one.kind == "member" else tn("{n} person", "{n} people", many))
    return OfferLine(
        kind=one.kind,
        id=one.id,
        name=one.name,
        handle=one.handle,
        called=one.called,
        chip=chips.chip(one.id, one.name) if one.kind == "member" else None,
        why_not=one.why_not,
        detail=detail,
    )


@require_POST
@desk_view
def here(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """This window is at the conversation: looking, writing a reply or a note, or gone from it. Nothing is stored."""
    actor = request.actor
    tab, doing = request.POST.get("tab", ""), request.POST.get("doing", "")
    if not 0 < len(tab) <= presence.LONGEST_TAB or doing not in presence.DOINGS:
        raise Invalid(t("Say which window, and what it does."), field="doing")
    me = chips.chip(actor.member_id or 0, actor.name)
    presence.say_where(
        conversation_id=conversation_id,
        tab=tab,
        doing=doing,
        name=me.short,
        initials=initials(me.name),
        hue=me.hue,
        by=actor,
    )
    return HttpResponse(status=204)
