"""The menu of a conversation as a whole, what is known about one text, and our address to send."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from twoway.compliance.relevance.queries import exact_place
from twoway.conversations.queries import access_conversation
from twoway.desk.builders import files
from twoway.desk.builders.details import details_of
from twoway.desk.context.logs import HistoryMenu
from twoway.desk.inbox_frame import asked_of, desk_view, require_right, shown
from twoway.desk.log_asked import others_of
from twoway.desk.middleware import DeskRequest
from twoway.lib import clocks
from twoway.lib.refusal import NotFound
from twoway.messaging.queries import access_message, status_events
from twoway.teams.rules import Right, may

PAGE = "desk/inbox/menu_page.html"


@require_safe
@desk_view
def menu(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """Places in the log, its files, and taking a copy of it."""
    found = access_conversation(request.actor, conversation_id)
    asked = asked_of(request)
    today = timezone.localtime(asked.now).date()
    told = HistoryMenu(
        conversation_id=found.pk,
        today=today,
        first_day=timezone.localtime(found.created_at).date(),
        last_week=clocks.current().week_of(today) - timedelta(days=7),
        others=len(others_of(asked, found)),
        shows_all=request.GET.get("all") == "1",
        may_export=may(request.actor, Right.EXPORT),
        has_address=may(request.actor, Right.REPLY)
        and exact_place(workspace_id=found.workspace_id, channel_id=found.channel_id) is not None,
    )
    return _menu(request, "desk/inbox/history_menu.html", told)


@require_safe
@desk_view
def details(request: DeskRequest, conversation_id: int, message_id: int) -> HttpResponse:
    """What is known about one text: its times, parts, price, and what the carrier calls it."""
    found = access_conversation(request.actor, conversation_id)
    message = access_message(request.actor, message_id)
    if message.conversation_id != found.pk:
        raise NotFound("message", message_id)
    told = details_of(
        message, status_events(message), conversation=found, to=request.actor, region=asked_of(request).region
    )
    return _menu(request, "desk/inbox/text_details.html", told)


@require_safe
@desk_view
def address(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """Where we are, as words to put into a text; 404 where no place is set."""
    found = access_conversation(request.actor, conversation_id)
    require_right(request.actor, Right.REPLY)
    place = exact_place(workspace_id=found.workspace_id, channel_id=found.channel_id)
    if place is None:
        raise NotFound("place")
    words = f"{place.label}: {files.map_url(place.latitude, place.longitude)}"
    return HttpResponse(words, content_type="text/plain; charset=utf-8")


def _menu(request: DeskRequest, template: str, told: object) -> HttpResponse:
    if request.htmx:
        return shown(request, template, {"menu": told})
    return shown(request, PAGE, {"menu": told, "menu_template": template})
