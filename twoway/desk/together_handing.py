"""Handing a conversation over with a note and a summary, what stands above the log then, and following."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from twoway.conversations import queries as conversations
from twoway.conversations.queries import Conversation
from twoway.conversations.together import actions as together
from twoway.conversations.together import queries as held
from twoway.desk.builders import chips, handovers, menus
from twoway.desk.context import Toast
from twoway.desk.inbox_actions import after_change
from twoway.desk.inbox_frame import desk_view, id_of, require_right, shown
from twoway.desk.middleware import DeskRequest
from twoway.lib.refusal import Invalid, NotFound
from twoway.lib.words import t
from twoway.messaging import handing
from twoway.routing import queries as routing
from twoway.routing.escalation.queries import has_managers
from twoway.routing.escalation.transfer import Kind, transfer
from twoway.teams import queries as teams
from twoway.teams.rules import Right

KINDS: tuple[Kind, ...] = ("member", "team", "queue", "manager")
DIALOG, PAGE = "desk/together/hand_over.html", "desk/together/hand_over_page.html"


@dataclass(frozen=True, kw_only=True, slots=True)
class HandOverForm:
    """The dialog: who gets it (`member-3`, `queue-1`, `manager`), a note for all, and a summary to be changed.

    Errors by field.
    """

    conversation_id: int
    people: tuple[tuple[str, str], ...]
    groups: tuple[tuple[str, str], ...]
    queues: tuple[tuple[str, str], ...] = ()
    has_managers: bool = False
    who: str = ""
    note: str = ""
    summary: str = ""
    error: str = ""
    error_field: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
@desk_view
def hand_over(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """The form with a summary of where it stands, and handing it over."""
    found = conversations.access_conversation(request.actor, conversation_id)
    require_right(request.actor, Right.ASSIGN)
    now = timezone.now()
    if request.method != "POST":
        summary = handovers.summary(handing.facts(found, at=now), now=now)
        return _form(request, found, summary=summary)
    told = {name: request.POST.get(name, "") for name in ("who", "note", "summary")}
    try:
        kind, key = _chosen(told["who"])
        handed = transfer(
            conversation=found,
            kind=kind,
            key=key,
            note=told["note"],
            summary=told["summary"],
            by=request.actor,
            at=now,
        )
    except (Invalid, NotFound) as refused:
        words = refused.sentence if isinstance(refused, Invalid) else t("They can't get it. Choose somebody else.")
        field = refused.field if isinstance(refused, Invalid) else "who"
        return _form(request, found, **told, error=words, error_field=field or "who")
    to = handed.to if kind in {"team", "queue"} else chips.short(handed.to)
    toasts = [Toast(words=t("Handed over to {name}.", name=to))]
    toasts += [menus.untold_toast(handed.untold)] if handed.untold else []
    return after_change(request, conversation_id, toasts=toasts)


def _chosen(told: str) -> tuple[Kind, int | None]:
    """What the list of who gets it says. Raises `Invalid`."""
    word, _, key = told.partition("-")
    kind = next((one for one in KINDS if one == word), None)
    chosen = id_of(key)
    if kind is None or (chosen is None) != (kind == "manager"):
        raise Invalid(t("Choose who gets it."), field="who")
    return kind, chosen


def _form(
    request: DeskRequest,
    found: Conversation,
    *,
    who: str = "",
    note: str = "",
    summary: str = "",
    error: str = "",
    error_field: str = "",
) -> HttpResponse:
    actor = request.actor
    people = [one for one in teams.members(actor) if menus.can_answer(one) and one.pk != found.assignee_id]
    form = HandOverForm(
        conversation_id=found.pk,
        people=tuple((f"member-{one.pk}", str(one)) for one in people),
        groups=tuple((f"team-{key}", name) for key, name in teams.teams(actor).values_list("id", "name")),
        queues=tuple((f"queue-{one.pk}", one.name) for one in routing.queues(actor, with_inactive=False)),
        has_managers=has_managers(actor, but=actor.member_id),
        who=who,
        note=note,
        summary=summary,
        error=error,
        error_field=error_field,
    )
    status = 422 if error else 200
    return shown(request, DIALOG if request.htmx else PAGE, {"form": form}, status=status)


@require_POST
@desk_view
def handover_seen(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """Whoever it was for has read the summary."""
    found = conversations.access_conversation(request.actor, conversation_id)
    handover = held.handover_for(request.actor, found)
    if handover is not None:
        together.dismiss_handover(handover=handover, by=request.actor, at=timezone.now())
    return after_change(request, conversation_id)


@require_POST
@desk_view
def follow(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """Hear of news in it, or no more."""
    found = conversations.access_conversation(request.actor, conversation_id)
    if request.POST.get("on") == "1":
        together.follow(conversation=found, by=request.actor, at=timezone.now())
        return after_change(request, conversation_id, toasts=[Toast(words=t("You follow this conversation."))])
    together.unfollow(conversation=found, by=request.actor)
    return after_change(request, conversation_id, toasts=[Toast(words=t("You don't follow it any more."))])
