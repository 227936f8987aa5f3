"""Pictures and files in the inbox: showing them, putting them beside a text, and asking for them again."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from twoway.conversations.queries import Conversation, access_conversation
from twoway.desk.builders import files as shown_files
from twoway.desk.inbox_actions import after_change
from twoway.desk.inbox_frame import asked_of, desk_view, id_of, require_right, shown
from twoway.desk.middleware import DeskRequest
from twoway.lib.refusal import Invalid, NotFound, Refused
from twoway.lib.words import t
from twoway.messaging import queries as messaging
from twoway.messaging.media import actions, addresses, queries, serving
from twoway.messaging.media.files import scratch
from twoway.messaging.media.serving import Asked
from twoway.teams.rules import Right

STRIP = "desk/inbox/files.html"
CACHE = "private, max-age=43200"
_PIECE = 256 * 1024


@require_safe
def file(request: HttpRequest, token: str, name: str = "") -> HttpResponseBase:
    """One copy of one file, for a member who may see its message, at an address of the last hours."""
    actor = request.actor  # type: ignore[attr-defined]
    try:
        named = addresses.read(token, audience="desk", at=timezone.now())
        row = queries.access_media(actor, named.media_id)
        asked = Asked(
            range=request.headers.get("Range", ""),
            if_none_match=request.headers.get("If-None-Match", ""),
            is_head=request.method == "HEAD",
        )
        found = serving.answer(row, named.copy, asked, cache=CACHE, is_public=False)
    except addresses.Expired:
        return _plain(410, t("This address has expired. Open the conversation again."))
    except (addresses.Forged, NotFound, OSError):
        return _plain(404, t("This file is not here."))
    return StreamingHttpResponse(found, status=found.status, headers=found.headers)


def _plain(status: int, words: str) -> HttpResponse:
    return HttpResponse(f"{words}\n", status=status, content_type="text/plain; charset=utf-8")


# Beside a text that is being written ----------------------------------------------------------------------------------


@desk_view
def attached(request: DeskRequest, conversation_id: int) -> HttpResponseBase:
    """What stands beside the text; with POST, one more file: the request's body, its name in X-File-Name."""
    found = access_conversation(request.actor, conversation_id)
    require_right(request.actor, Right.REPLY)
    if request.method != "POST":
        return strip(request, found)
    try:
        with scratch() as path:
            receive(request, path)
            name = unquote(request.headers.get("X-File-Name", ""))[:200]
            actions.add_upload(conversation=found, path=path, name=name, by=request.actor, at=timezone.now())
    except Refused as refused:
        return strip(request, found, error=refused.sentence)
    return strip(request, found)


@require_POST
@desk_view
def remove(request: DeskRequest, conversation_id: int, media_id: int) -> HttpResponse:
    """Take a file away from the text."""
    found = access_conversation(request.actor, conversation_id)
    actions.remove(media=queries.access_draft(request.actor, conversation_id, media_id))
    return strip(request, found)


@require_POST
@desk_view
def again(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """The files of a text that was not sent, beside the next one."""
    found = access_conversation(request.actor, conversation_id)
    require_right(request.actor, Right.REPLY)
    message = messaging.access_message(request.actor, id_of(request.POST.get("message", "")) or 0)
    if message.conversation_id != found.pk:
        raise NotFound("message", message.pk)
    try:
        actions.use_again(message=message, conversation=found, by=request.actor, at=timezone.now())
    except Refused as refused:
        return strip(request, found, error=refused.sentence)
    return strip(request, found)


@require_POST
@desk_view
def retry(request: DeskRequest, conversation_id: int, media_id: int) -> HttpResponse:
    """Try again to fetch what a customer sent."""
    access_conversation(request.actor, conversation_id)
    row = queries.access_media(request.actor, media_id)
    actions.retry(media=row, by=request.actor, at=timezone.now())
    return after_change(request, conversation_id)


def strip(request: DeskRequest, found: Conversation, *, error: str = "") -> HttpResponse:
    """What stands beside the text of a conversation, with why a file was not taken."""
    if not request.htmx:
        return redirect("desk:conversation", found.pk)
    rows = queries.drafts(request.actor, found.pk)
    files = shown_files.attached(rows, conversation=found, at=asked_of(request).now)
    context = {"files": files, "conversation_id": found.pk, "error": error}
    return shown(request, STRIP, context, status=422 if error else 200)


def receive(request: HttpRequest, path: Path) -> None:
    """The body of a request, piece by piece, to the disk. Raises `Invalid` when it is too much."""
    most = settings.MEDIA_MOST_BYTES
    told = request.META.get("CONTENT_LENGTH") or "0"
    if int(told) > most:
        raise Invalid(actions.too_big(), field="file", code="too_big")
    size = 0
    source: IO[Any] = request  # type: ignore[assignment]
    with path.open("wb") as target:
        while piece := source.read(_PIECE):
            size += len(piece)
            if size > most:
                raise Invalid(actions.too_big(), field="file", code="too_big")
            target.write(piece)
