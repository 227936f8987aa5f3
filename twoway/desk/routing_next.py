"""Taking the next one who waits, and closing a hint."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from twoway.conversations.queries import access_conversation
from twoway.desk import inbox_reads as reads
from twoway.desk.context import Patch, Toast
from twoway.desk.inbox_actions import after_change
from twoway.desk.inbox_frame import asked_of, desk_view, id_of, patched
from twoway.desk.middleware import DeskRequest
from twoway.desk.settings_frame import say
from twoway.desk.thread import opening, seen_now
from twoway.lib.words import noted, t
from twoway.messaging.beside import beside
from twoway.routing.actions import take_next
from twoway.routing.escalation import actions, queries

NOBODY = noted("Nobody is waiting.")


@require_POST
@desk_view
def next_one(request: DeskRequest) -> HttpResponse:
    """Take the most urgent one this member is suited for, of all queues or the one on screen, and open it."""
    taken = take_next(by=request.actor, at=timezone.now(), queue_id=id_of(request.POST.get("queue", "")))
    if taken is None:
        if request.htmx:
            return patched(request, Patch(toasts=(Toast(words=t(NOBODY)),)))
        say(request, t(NOBODY))
        return redirect("desk:inbox", "open")
    if not request.htmx:
        return redirect("desk:conversation", taken.pk)
    found = access_conversation(request.actor, taken.pk)
    asked = replace(asked_of(request), open_id=found.pk)
    around = beside(asked.actor, found)
    unread = seen_now(asked, found, around)
    read = reads.opened(asked, found, around=around)
    return patched(request, opening(asked, read, unread=unread, thread=reads.thread_of(asked, read)))


@require_POST
@desk_view
def hint_closed(request: DeskRequest, conversation_id: int, hint_id: int) -> HttpResponse:
    """Close a hint for everybody, until they come with something new."""
    found = access_conversation(request.actor, conversation_id)
    hint = queries.access_hint(request.actor, hint_id)
    actions.dismiss_hint(conversation=found, hint=hint, by=request.actor, at=timezone.now())
    return after_change(request, conversation_id)
