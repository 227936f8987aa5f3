"""Time texting: what browsers tell of it, a member's own page of it, and sums for managers."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from twoway.contacts.queries import shown_address, shown_name
from twoway.conversations.effort import actions, queries
from twoway.conversations.effort.rules import FEWEST_PEOPLE, Spent, Sum
from twoway.conversations.queries import Conversation
from twoway.desk.inbox_frame import desk_view
from twoway.desk.middleware import DeskRequest
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.desk.words import date_words, effort_words
from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, may

TEMPLATE = "desk/effort/page.html"
SPANS = (7, 28, 90)
_MOST_BYTES = 16_384


@desk_view
@require_POST
def tell(request: DeskRequest) -> HttpResponse:
    """What a browser counted since it last told, as JSON: `[[conversation id, seconds reading, writing], ...]`."""
    actions.add(by=request.actor, at=timezone.now(), spent=_spent(request.body))
    return HttpResponse(status=204)


def _spent(body: bytes) -> list[Spent]:
    wrong = Invalid(t("Tell time as [[conversation, reading, writing], ...]."), field="spent")
    if len(body) > _MOST_BYTES:
        raise wrong
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise wrong from None
    if not isinstance(told, list) or not all(_is_entry(entry) for entry in told):
        raise wrong
    return [Spent(conversation_id=key, reading=reading, writing=writing) for key, reading, writing in told]


def _is_entry(entry: object) -> bool:
    """Three whole numbers that fit the tables."""
    return (
        isinstance(entry, list)
        and len(entry) == 3
        and all(type(part) is int and 0 <= part < 2**31 for part in entry[1:])
        and type(entry[0]) is int
        and 0 < entry[0] < 2**63
    )


@guard()
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """A member's own days and conversations, and for managers the sums of all."""
    actor, now = actor_of(request), timezone.now()
    days = _days(request)
    context = {
        "days": days,
        "spans": SPANS,
        "measures": queries.workspace_measures(actor),
        "takes_part": queries.takes_part(actor),
        "may_switch": may(actor, Right.MANAGE_WORKSPACE),
        "own": _own(actor, days=days),
        "fewest": FEWEST_PEOPLE,
    }
    if may(actor, Right.SEE_WORK):
        sums = queries.sums(actor, at=now, days=days)
        context["sums"] = {
            "total": _line(sums.total) if sums.total else None,
            "weeks": [_line(one) | {"label": _week(one.label, now.year)} for one in reversed(sums.weeks)],
            "numbers": [_line(one) for one in sums.numbers],
        }
    return render(request, TEMPLATE, context)


@guard()
@require_POST
def take_part(request: HttpRequest) -> HttpResponse:
    """Switch one's own measuring off or on."""
    is_off = request.POST.get("on") != "1"
    actions.take_part(by=actor_of(request), is_off=is_off)
    say(
        request,
        t("Your time isn't measured any more. What was kept is deleted.") if is_off else t("Your time is measured."),
    )
    return redirect("desk:effort")


@guard(Right.MANAGE_WORKSPACE)
@require_POST
def measure(request: HttpRequest) -> HttpResponse:
    """Switch it off or on for the whole workspace."""
    is_off = request.POST.get("on") != "1"
    actions.measure(by=actor_of(request), at=timezone.now(), is_off=is_off)
    say(
        request,
        t("Time isn't measured any more. What was kept is deleted.") if is_off else t("Time is measured from now on."),
    )
    return redirect("desk:effort")


def _days(request: HttpRequest) -> int:
    asked = request.GET.get("days", "")
    return int(asked) if asked in {str(span) for span in SPANS} else 28


def _own(actor: Actor, *, days: int) -> dict[str, Any]:
    now = timezone.now()
    found = queries.own_days(actor, at=now, days=days)
    reading, writing = sum(day.reading for day in found), sum(day.writing for day in found)
    most = max((day.reading + day.writing for day in found), default=0)
    return {
        "reading": effort_words(reading),
        "writing": effort_words(writing),
        "total": effort_words(reading + writing),
        "days": [
            {
                "label": date_words(day.day, this_year=now.year),
                "reading": effort_words(day.reading),
                "writing": effort_words(day.writing),
                "filled": round(100 * (day.reading + day.writing) / most),
            }
            for day in found
        ],
        "talks": [
            {
                "id": talk.conversation.pk,
                "name": _name(talk.conversation, actor),
                "total": effort_words(talk.reading + talk.writing),
            }
            for talk in queries.own_conversations(actor, at=now, days=days)
        ],
    }


def _name(conversation: Conversation, actor: Actor) -> str:
    """Who it is with, as this member may see it."""
    contact = conversation.contact
    return shown_name(contact) or shown_address(
        contact, conversation.identity.value, to=actor, region=conversation.channel.workspace.region
    )


def _line(one: Sum) -> dict[str, Any]:
    return {
        "label": one.label,
        "reading": effort_words(one.reading),
        "writing": effort_words(one.writing),
        "people": one.people,
        "replies": one.replies,
        "per_reply": "" if one.per_reply is None else effort_words(one.per_reply),
    }


def _week(label: str, year: int) -> str:
    return t("Week of {day}", day=date_words(date.fromisoformat(label), this_year=year))
