"""Taking the next one who waits, and closing a hint."""

from __future__ import annotations

import json

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from twoway.conversations.queries import access_conversation
from twoway.desk.context import Patch, Toast
from twoway.desk.inbox_actions import after_change
from twoway.desk.inbox_frame import desk_view, id_of, patched
from twoway.desk.middleware import DeskRequest
from twoway.desk.settings_frame import say
from twoway.lib.words import noted, t
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
    url = reverse("desk:conversation", args=[taken.pk])
    if not request.htmx:
        return redirect(url)
    told = json.dumps({"path": url, "target": "#thread", "swap": "patch"})
    return HttpResponse(status=204, headers={"HX-Location": told})


@require_POST
@desk_view
def hint_closed(request: DeskRequest, conversation_id: int, hint_id: int) -> HttpResponse:
    """Close a hint for everybody, until they come with something new."""
    found = access_conversation(request.actor, conversation_id)
    hint = queries.access_hint(request.actor, hint_id)
    actions.dismiss_hint(conversation=found, hint=hint, by=request.actor, at=timezone.now())
    return after_change(request, conversation_id)
