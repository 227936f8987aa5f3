"""The inbox: the list of a view, alone or with the conversation it was opened with."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from twoway.channels.queries import access_channel
from twoway.conversations import queries as conversations
from twoway.conversations.rules import View
from twoway.desk import inbox_reads as reads
from twoway.desk.context import Patch
from twoway.desk.inbox_frame import Asked, asked_of, desk_view, patched, shown, view_on_screen
from twoway.desk.middleware import DeskRequest, choose_workspace
from twoway.lib.refusal import NotFound
from twoway.routing.queries import access_queue
from twoway.teams.queries import own_teams


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The desk begins with everything that is open."""
    return redirect("desk:inbox", "open")


@require_POST
def switch(request: HttpRequest, workspace_id: int) -> HttpResponse:
    """Go to another workspace the user is in."""
    return choose_workspace(request, workspace_id)


@require_safe
@desk_view
def inbox(request: DeskRequest, view: str) -> HttpResponse:
    """A view's first page; for htmx the list and the views column, or the next rows after a cursor."""
    shown_view = view_on_screen(request.actor, view, request.GET.get("status", ""), request.GET)
    asked = replace(asked_of(request), view=shown_view)
    check_view(asked, asked.view)
    cursor = request.GET.get("before", "")
    if cursor and request.htmx:
        return patched(request, more_rows(asked, cursor))
    page = reads.inbox_page(asked, cursor=cursor)
    request.gives_out = page.list.has_next
    if request.htmx:
        return shown(request, "desk/inbox/list_page.html", {"list": page.list, "views": page.views})
    return shown(request, "desk/inbox/page.html", {"inbox": page})


def check_view(asked: Asked, view: View) -> None:
    """Raises `NotFound` for a channel, a queue or a team that does not exist for this member."""
    if view.box == "channel":
        access_channel(asked.actor, view.key)
    if view.box == "queue":
        access_queue(asked.actor, view.key)
    if view.box == "team" and not own_teams(asked.actor).filter(id=view.key).exists():
        raise NotFound("team", view.key)


def more_rows(asked: Asked, cursor: str) -> Patch:
    """The rows after a cursor, and where the next ones begin."""
    page = conversations.page(asked.actor, asked.view, cursor=cursor, limit=reads.PAGE)
    views, head = reads.list_numbers(asked)
    rows = reads.rows_of(asked, page.rows, has_queues=bool(views.queues))
    return Patch(list_head=head, rows=rows, next=page.next)
