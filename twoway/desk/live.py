"""What a browser asks for while it listens: a ticket for the stream, and what changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from twoway.conversations import queries as conversations
from twoway.conversations.queries import Conversation, ListItem
from twoway.conversations.rules import View
from twoway.conversations.together.actions import mentions_seen
from twoway.desk import inbox_reads as reads
from twoway.desk.callbacks import BOXES, listed
from twoway.desk.context import Patch
from twoway.desk.inbox_frame import Asked, asked_of, desk_view, id_of, patched, view_on_screen
from twoway.desk.middleware import DeskRequest
from twoway.lib.refusal import NotFound
from twoway.messaging.callbacks.queries import due_now
from twoway.teams import sessions, tickets

MOST_IDS = 200
EVERYTHING = 0
"""The id the stream sends when too much changed to name it."""
_SORT = "%Y%m%dT%H%M%S%f"


@require_safe
@desk_view
def live_ticket(request: DeskRequest) -> HttpResponse:
    """Where to listen, and for how many seconds the address is good."""
    sessions.note(request, at=timezone.now())
    url = f"/live?ticket={tickets.issue(request.actor)}"
    return JsonResponse({"url": url, "expires_in": tickets.GOOD_FOR_SECONDS})


@require_safe
@desk_view
def live_delta(request: DeskRequest) -> HttpResponse:
    """Counts, the rows of these ids as they are now, and what is new in the open conversation.

    With `calls` also whether calls are to be made now; where it names a list of them, that list and nothing else.
    """
    calls = request.GET.get("calls", "")
    due = due_now(request.actor) if calls else None
    if calls in BOXES:
        return patched(request, Patch(calls_due=due, callbacks=listed(request.actor, calls, now=timezone.now())))
    asked = _asked(request)
    ids = _ids(request.GET.get("ids", ""))
    is_full = request.GET.get("full") == "1" or EVERYTHING in ids
    patch = delta(asked, ids - {EVERYTHING}, is_full=is_full, since=_since(request))
    return patched(request, replace(patch, calls_due=due))


def delta(asked: Asked, ids: frozenset[int], *, is_full: bool, since: datetime | None) -> Patch:
    """The patch of an update; a full one also brings the first page of the view."""
    views, head = reads.list_numbers(asked)
    items, following = _rows(asked, ids, is_full=is_full)
    rows = reads.rows_of(asked, items.values(), has_queues=bool(views.queues))
    patch = Patch(
        open_id=asked.open_id,
        views=views,
        list_head=head,
        rows=rows,
        gone=tuple(sorted(ids - items.keys())),
        next=following,
    )
    if asked.open_id and (is_full or asked.open_id in ids):
        known = items.get(asked.open_id)
        return _with_thread(asked, patch, known.conversation if known else None, since=since)
    return patch


def _rows(asked: Asked, ids: frozenset[int], *, is_full: bool) -> tuple[dict[int, ListItem], str | None]:
    """Those that belong to the view now, and with a full update the cursor after its first page."""
    items = conversations.rows_in_view(asked.actor, asked.view, ids) if ids else {}
    if not is_full:
        return items, None
    page = conversations.page(asked.actor, asked.view, limit=reads.PAGE)
    items |= {item.conversation.pk: item for item in page.rows}
    following = page.next if len(ids) <= reads.PAGE else None
    return items, following


def _with_thread(asked: Asked, patch: Patch, known: Conversation | None, *, since: datetime | None) -> Patch:
    """The same with head, composer, panel and what is new in the log of the open conversation, unless it is gone."""
    try:
        found = known or conversations.access_conversation(asked.actor, asked.open_id)
    except NotFound:
        return patch
    read = reads.opened(asked, found)
    stretch = reads.stretch_of(read, limit=reads.TAIL, since=since)
    if stretch.added.notes and read.beside.has_mention:
        mentions_seen(conversation_id=found.pk, by=asked.actor)
    return replace(
        patch,
        head=reads.head_of(asked, read),
        items=reads.items_of(asked, stretch, read),
        composer=reads.composer_of(asked, read),
        later=reads.later_of(asked, read),
        panel=reads.panel_of(asked, read),
    )


def _asked(request: DeskRequest) -> Asked:
    """What is on screen, as the address says."""
    try:
        told = request.GET
        view = view_on_screen(request.actor, told.get("view", ""), told.get("status", ""), told.get("quick", ""))
    except NotFound:
        view = View(box="open")
    return replace(asked_of(request), view=view, open_id=id_of(request.GET.get("c", "")) or 0)


def _ids(text: str) -> frozenset[int]:
    told = [part for part in text.split(",") if part][:MOST_IDS]
    return frozenset(id_of(part) or EVERYTHING for part in told if part == "0" or id_of(part))


def _since(request: DeskRequest) -> datetime | None:
    """The time in the sort key of the newest item on screen."""
    try:
        return datetime.strptime(request.GET.get("after", "").partition("-")[0], _SORT).replace(tzinfo=UTC)
    except ValueError:
        return None
