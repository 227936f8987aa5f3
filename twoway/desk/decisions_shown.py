"""Why a text went, waits or may not go: the popover of a text of ours."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from twoway.compliance.deciding.queries import decisions
from twoway.compliance.purposes.queries import rules_of
from twoway.conversations.queries import access_conversation
from twoway.desk.builders import decisions as builder
from twoway.desk.builders import greetings
from twoway.desk.inbox_frame import desk_view, shown
from twoway.desk.middleware import DeskRequest
from twoway.lib.refusal import NotFound
from twoway.messaging.greeting.queries import told_by
from twoway.messaging.queries import access_message


@require_safe
@desk_view
def why(request: DeskRequest, conversation_id: int, message_id: int) -> HttpResponse:
    """Every decision about one text, for whoever may see its conversation; without htmx a page of its own."""
    found = access_conversation(request.actor, conversation_id)
    message = access_message(request.actor, message_id)
    if message.conversation_id != found.pk or message.direction != "out":
        raise NotFound("message", message_id)
    told = builder.why(
        message, decisions(message.pk), purposes=rules_of(request.actor.workspace_id), now=timezone.now()
    )
    automatic = told_by(message.pk)
    context = {"menu": told, "automatic": greetings.sentences(automatic) if automatic else []}
    template = "desk/inbox/why.html"
    if request.htmx:
        return shown(request, template, context)
    return shown(request, "desk/inbox/menu_page.html", {**context, "menu_template": template})
