"""Writing: replies, notes, what a text costs, and the first text to a number."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from twoway.channels.queries import Channel, access_channel, visible_channels
from twoway.compliance.rules import WINDOW_CLOSED
from twoway.conversations import actions
from twoway.conversations import queries as conversations
from twoway.conversations.queries import Conversation
from twoway.desk import inbox_reads as reads
from twoway.desk.builders import chips, composers, meters
from twoway.desk.context import Care, ChannelChip, Composer, NewConversation, Patch, Toast
from twoway.desk.inbox_actions import after_change, done_toast
from twoway.desk.inbox_frame import Asked, asked_of, desk_view, id_of, mark_of, patched, require_right, shown
from twoway.desk.inbox_reads import Opened
from twoway.desk.middleware import DeskRequest
from twoway.lib.refusal import Invalid, NotAllowed, NotFound, Refused
from twoway.messaging import outbound, screening
from twoway.messaging.cost import queries as costs
from twoway.messaging.overtaking import Overtaken
from twoway.messaging.queries import Message
from twoway.messaging.scheduling import queries as scheduling
from twoway.messaging.scheduling import undoing
from twoway.messaging.templating import open_thread
from twoway.replies import actions as replies
from twoway.sms import phone
from twoway.teams.rules import Right

_MOST_FILES = 20
_THEN = frozenset({"done", "later"})
_ABOUT_BODY = frozenset({"empty", "too_long", screening.SENSITIVE, screening.BLOCKED, screening.ASKS})
NEW, NEW_PAGE = "desk/inbox/new_conversation.html", "desk/inbox/new_page.html"


@require_POST
@desk_view
def reply(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """Send a text, and with `then` mark the conversation done. The same key sends once, however often it comes.

    It waits as long as the member chose, so that they can take it back; without script nothing could, so it goes now.
    """
    now = timezone.now()
    seconds = scheduling.undo_seconds(request.actor) if request.htmx else 0

    def write(found: Conversation, body: str) -> Message | None:
        used = replies.wanted(request.POST.get("replies", ""))
        replies.check_blanks(body=body, used=used, by=request.actor)
        before = undoing.how_it_stands(found) if seconds else {}
        queued = outbound.queue_text(
            by=request.actor,
            conversation=found,
            body=body,
            at=now,
            idempotency_key=request.POST.get("key", "")[: outbound.LONGEST_KEY],
            media_ids=files_of(request),
            send_at=now + timedelta(seconds=seconds) if seconds else None,
            is_confirmed=request.POST.get("confirmed") == "1",
            seen_id=mark_of(request.POST.get("seen", "")),
        )
        actions.clear_draft(conversation=found, by=request.actor)
        sent = queued.message
        replies.note_use(used=used, conversation=found, message_id=sent.pk, body=sent.body, by=request.actor, at=now)
        if not seconds or not queued.is_new:
            return None
        undoing.offer(message=queued.message, before=before, until=now + timedelta(seconds=seconds), by=request.actor)
        return queued.message

    marks_done = request.POST.get("then") == "done"
    return _written(request, conversation_id, write, now=now, marks_done=marks_done, seconds=seconds)


def files_of(request: DeskRequest) -> list[int]:
    """The files that go with it, by their ids."""
    told = request.POST.get("files", "").split(",")[:_MOST_FILES]
    return [found for one in told if (found := id_of(one)) is not None]


@require_POST
@desk_view
def note(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """Write a private note."""
    now = timezone.now()

    def write(found: Conversation, body: str) -> None:
        key = request.POST.get("key", "")
        actions.add_note(conversation=found, body=body, by=request.actor, at=now, key=key)

    return _written(request, conversation_id, write, now=now, is_note=True)


def _written(
    request: DeskRequest,
    conversation_id: int,
    write: Callable[[Conversation, str], Message | None],
    *,
    now: datetime,
    marks_done: bool = False,
    is_note: bool = False,
    seconds: int = 0,
) -> HttpResponse:
    """The change, or the form again with the text and why it was refused. A text that waits can be taken back."""
    found = conversations.access_conversation(request.actor, conversation_id)
    require_right(request.actor, Right.REPLY)
    body = request.POST.get("body", "")
    try:
        waiting = write(found, body)
    except Refused as refused:
        return kept(request, found, body=body, is_note=is_note, refused=refused, now=now)
    toasts = []
    if marks_done:
        actions.done(conversation=found, by=request.actor, at=timezone.now())
        toasts = [done_toast(conversation_id, "Sent and marked done.")]
    if waiting is not None:
        if marks_done:
            undoing.marked_done(message=waiting)
        words = "Sent and marked done." if marks_done else "Sent."
        url = reverse("desk:send_undo", args=[conversation_id, waiting.pk])
        toasts = [Toast(words=words, undo_url=url, seconds=seconds)]
    return after_change(request, conversation_id, toasts=toasts)


def kept(
    request: DeskRequest, found: Conversation, *, body: str, refused: Refused, now: datetime, is_note: bool = False
) -> HttpResponse:
    """Nothing was sent and nothing is lost: the text is the member's draft, and stands in the form."""
    seen_id = None if is_note else mark_of(request.POST.get("seen", ""))
    if body.strip() and len(body) <= actions.LONGEST_DRAFT:
        actions.save_draft(conversation=found, body=body, is_note=is_note, by=request.actor, at=now, seen_id=seen_id)
    asked = replace(asked_of(request), open_id=found.pk, seen_id=seen_id)
    read = reads.opened(asked, found)
    composer = replace(reads.composer_of(asked, read), draft=body, is_note=is_note)
    status = refused.status if isinstance(refused, Overtaken) else 422
    then = request.POST.get("then", "")
    then = then if then in _THEN else ""
    if isinstance(refused, Overtaken):
        news = composers.news_of(refused.news, person=composer.person_name, is_stop=True, then=then)
        composer = replace(composer, news=news)
    else:
        composer = replace(composer, refused=refused.sentence, asks_confirm=refused.code == screening.ASKS, then=then)
    if request.htmx:
        return patched(request, _stopped(asked, read, composer), status=status)
    asked = replace(asked, view=reads.view_around(found))
    thread = replace(reads.thread_of(asked, read), composer=composer)
    page = reads.inbox_page(asked, thread=thread, panel=reads.panel_of(asked, read))
    return shown(request, "desk/inbox/page.html", {"inbox": page}, status=status)


def _stopped(asked: Asked, read: Opened, composer: Composer) -> Patch:
    """The form again; when something came first, with it."""
    if composer.news is None:
        return Patch(open_id=read.conversation.pk, composer=composer)
    stretch = reads.stretch_of(read, limit=reads.TAIL)
    items = reads.items_of(asked, stretch, read)
    return Patch(open_id=read.conversation.pk, composer=composer, items=items)


@require_POST
@desk_view
def meter(request: DeskRequest) -> HttpResponse:
    """What a draft with its files costs from this number of ours, to the person of this conversation."""
    channel = access_channel(request.actor, id_of(request.POST.get("channel", "")) or 0)
    workspace = request.signed.member.workspace
    key = id_of(request.POST.get("conversation", ""))
    talk = conversations.access_conversation(request.actor, key) if key else None
    recipient = talk.identity.value if talk else ""
    body = request.POST.get("body", "")[: outbound.LONGEST_BODY]
    counted = meters.meter(
        body,
        is_toll_free=phone.is_toll_free_us(channel.address),
        quote=costs.quote(
            channel,
            recipient=recipient,
            region=workspace.region,
            time_zone=workspace.time_zone,
            at=timezone.now(),
        ),
        media=min(id_of(request.POST.get("media", "")) or 0, _MOST_FILES),
        is_counted=channel.kind == "sms",
    )
    care = _care(body, channel=channel, talk=talk)
    return shown(request, "desk/inbox/meter.html", {"meter": counted, "care": care})


def _care(body: str, *, channel: Channel, talk: Conversation | None) -> Care:
    """What the content checks say about a draft."""
    try:
        found = screening.warned(
            body,
            channel=channel,
            conversation=talk,
            identity_id=talk.identity_id if talk else None,
            is_promotional=False,
            at=timezone.now(),
        )
    except Invalid as refused:
        return Care(sentences=(refused.sentence,), stops=True)
    stopping = tuple(one.sentence for one in found if one.level == "block")
    return Care(sentences=stopping or tuple(one.sentence for one in found), stops=bool(stopping))


# The first text ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """The form as it was sent."""

    channel: str = ""
    to: str = ""
    body: str = ""
    key: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
@desk_view
def new_conversation(request: DeskRequest) -> HttpResponse:
    """Text a number: the form, and sending it."""
    require_right(request.actor, Right.REPLY)
    if request.method != "POST":
        return _new(request, Wanted(channel=_channel_on_screen(request), to=request.GET.get("to", "")))
    given = Wanted(**{name: request.POST.get(name, "") for name in ("channel", "to", "body", "key")})
    try:
        identity = phone.parse_typed(given.to, region=request.signed.member.workspace.region)
        channel = access_channel(request.actor, id_of(given.channel) or 0)
        queued = outbound.queue_first_text(
            by=request.actor,
            channel=channel,
            identity=identity,
            body=given.body,
            at=timezone.now(),
            idempotency_key=given.key[: outbound.LONGEST_KEY],
            is_confirmed=request.POST.get("confirmed") == "1",
        )
    except phone.NotANumber as error:
        return _new(request, given, to_error=str(error))
    except (Invalid, NotAllowed, NotFound) as refused:
        about_form, about_body = _about(refused)
        return _new(request, given, error=about_form, body_error=about_body)
    except Refused as refused:
        if refused.code == WINDOW_CLOSED.code:
            now = timezone.now()
            talk = open_thread(by=request.actor, channel=channel, identity=identity, body=given.body, at=now)
            return _to_conversation(request, talk.pk)
        asks = refused.code == screening.ASKS
        about_form, about_body = _about(refused)
        return _new(request, given, asks_confirm=asks, error=about_form, body_error=about_body)
    return _to_conversation(request, queued.message.conversation_id)


def _about(refused: Refused) -> tuple[str, str]:
    """The sentence as the form's error or as that of its words."""
    return ("", refused.sentence) if refused.code in _ABOUT_BODY else (refused.sentence, "")


def _to_conversation(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """There, whoever asked. On WhatsApp that is where a template is chosen, when words may not go yet."""
    target = redirect("desk:conversation", conversation_id)
    return HttpResponse(status=204, headers={"HX-Redirect": target.url}) if request.htmx else target


def _channel_on_screen(request: DeskRequest) -> str:
    """The number to offer first: the one whose view is on screen."""
    view = asked_of(request).view
    return str(view.key) if view.box == "channel" else ""


def _new(
    request: DeskRequest,
    given: Wanted,
    *,
    to_error: str = "",
    body_error: str = "",
    error: str = "",
    asks_confirm: bool = False,
) -> HttpResponse:
    channels = [channel for channel in visible_channels(request.actor) if channel.is_active]
    if not channels and not error:
        error = "There is no number to text from yet. An owner or an admin adds one in Settings."
    form = NewConversation(
        channels=tuple(_chip(request, channel) for channel in channels),
        key=given.key or secrets.token_hex(16),
        channel_id=id_of(given.channel) or 0,
        to=given.to,
        body=given.body,
        to_error=to_error,
        body_error=body_error,
        error=error,
        asks_confirm=asks_confirm,
    )
    status = 422 if request.method == "POST" else 200
    return shown(request, NEW if request.htmx else NEW_PAGE, {"form": form}, status=status)


def _chip(request: DeskRequest, channel: Channel) -> ChannelChip:
    return chips.channel_chip(channel, region=request.signed.member.workspace.region)
