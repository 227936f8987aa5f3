"""One conversation: opening it, reading on in it, and marking it read."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from twoway.conversations import actions
from twoway.conversations.queries import Conversation, access_conversation, draft_of
from twoway.conversations.together.actions import mentions_seen
from twoway.desk import inbox_reads as reads
from twoway.desk.context import Patch, Thread
from twoway.desk.inbox_frame import Asked, asked_of, desk_view, mark_of, patched, shown
from twoway.desk.inbox_reads import Opened
from twoway.desk.log_asked import page_asked, thread_asked
from twoway.desk.middleware import DeskRequest
from twoway.lib.refusal import NotFound
from twoway.messaging.beside import Beside, beside
from twoway.messaging.merging.queries import joined_into

PAGES = {"before", "after", "episode"}


@require_safe
@desk_view
def conversation(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """The whole inbox with this conversation open; for htmx its panes and row, or a page of its log.

    `m` (a text), `date`, `first` and `all` say which part of the log; `before`, `after` and `episode` bring more of it.
    With `peek` its panes alone, for a browser that looks ahead: nobody has seen them yet, so nothing is marked read.
    """
    try:
        found = access_conversation(request.actor, conversation_id)
    except NotFound:
        into = joined_into(request.actor, conversation_id)
        if into is None:
            raise
        return _led_on(request, into)
    asked = replace(asked_of(request), open_id=conversation_id)
    if request.htmx and PAGES & request.GET.keys():
        patch = page_asked(asked, reads.opened(asked, found), request.GET)
        if patch is not None:
            return patched(request, patch)
    if request.htmx and request.GET.get("peek") == "1":
        return patched(request, ahead(asked, reads.opened(asked, found)))
    around = beside(asked.actor, found)
    unread = seen_now(asked, found, around)
    if request.htmx:
        read = reads.opened(asked, found, around=around)
        return patched(request, opening(asked, read, unread=unread, thread=thread_asked(asked, read, request.GET)))
    asked = replace(asked, view=reads.view_around(found))
    read = reads.opened(asked, found, around=around)
    page = reads.inbox_page(asked, thread=thread_asked(asked, read, request.GET), panel=reads.panel_of(asked, read))
    request.gives_out = page.list.has_next
    return shown(request, "desk/inbox/page.html", {"inbox": page})


def _led_on(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """To the conversation this one became part of."""
    url = reverse("desk:conversation", args=[conversation_id])
    return HttpResponse(status=204, headers={"HX-Redirect": url}) if request.htmx else redirect(url)


def seen_now(asked: Asked, found: Conversation, around: Beside) -> bool:
    """Mark its texts and mentions as seen by this member; whether there were any they had not seen."""
    was_named = around.has_mention and mentions_seen(conversation_id=found.pk, by=asked.actor)
    if (found.last_inbound_id or 0) <= around.read_id:
        return was_named
    actions.mark_read(conversation=found, by=asked.actor)
    return True


def ahead(asked: Asked, read: Opened) -> Patch:
    """Both panes, to be shown when somebody goes there."""
    return Patch(open_id=read.conversation.pk, thread=reads.thread_of(asked, read), panel=reads.panel_of(asked, read))


def opening(asked: Asked, read: Opened, *, unread: bool, thread: Thread) -> Patch:
    """Both panes and the row; the counts too when something was unread."""
    views = head = None
    if unread:
        views, head = reads.list_numbers(asked)
    row = reads.own_row(asked, read.conversation, consent=read.standing.consent, read_id=_seen(read), clock=read.clock)
    return Patch(
        open_id=read.conversation.pk,
        views=views,
        list_head=head,
        rows=(row,) if row else (),
        thread=thread,
        panel=reads.panel_of(asked, read),
    )


def _seen(read: Opened) -> int:
    return read.conversation.last_inbound_id or 0


@require_safe
@desk_view
def tail(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """The newest items, the head and the composer."""
    found = access_conversation(request.actor, conversation_id)
    if not request.htmx:
        return redirect("desk:conversation", conversation_id)
    asked = replace(asked_of(request), open_id=conversation_id)
    read = reads.opened(asked, found)
    stretch = reads.stretch_of(read, limit=reads.TAIL)
    patch = Patch(
        open_id=conversation_id,
        head=reads.head_of(asked, read),
        items=reads.items_of(asked, stretch, read),
        composer=reads.composer_of(asked, read),
        later=reads.later_of(asked, read),
    )
    return patched(request, patch)


@require_POST
@desk_view
def mark_read(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """What has come in is seen, and who was named knows; nothing is answered where nothing was new."""
    found = access_conversation(request.actor, conversation_id)
    asked = asked_of(request)
    around = beside(asked.actor, found)
    was_unseen = seen_now(asked, found, around)
    if not request.htmx:
        return redirect("desk:conversation", conversation_id)
    if not was_unseen:
        return HttpResponse(status=204)
    states = reads.opened(asked, found, around=around)
    views, head = reads.list_numbers(asked)
    row = reads.own_row(asked, found, consent=states.standing.consent, read_id=_seen(states), clock=states.clock)
    return patched(request, Patch(open_id=found.pk, views=views, list_head=head, rows=(row,) if row else ()))


@require_safe
@desk_view
def draft(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """What this member has begun to write here, on whichever device."""
    found = access_conversation(request.actor, conversation_id)
    kept = draft_of(request.actor, found)
    if kept is None:
        return JsonResponse({"body": "", "is_note": False, "seen": None})
    return JsonResponse({"body": kept.body, "is_note": kept.is_note, "seen": kept.seen_id})


@require_POST
@desk_view
def save_draft(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """Keep what is being written."""
    found = access_conversation(request.actor, conversation_id)
    body, is_note = request.POST.get("body", ""), request.POST.get("is_note") == "1"
    seen_id = mark_of(request.POST.get("seen", ""))
    at, tab = timezone.now(), request.POST.get("tab", "")
    actions.save_draft(
        conversation=found, body=body, is_note=is_note, by=request.actor, at=at, seen_id=seen_id, tab=tab
    )
    return HttpResponse(status=204)
