"""Writing: replies, notes, and what a text costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from twoway.channels.queries import Channel, access_channel
from twoway.conversations import actions
from twoway.conversations import queries as conversations
from twoway.conversations.queries import Conversation
from twoway.conversations.together import answering
from twoway.desk import inbox_reads as reads
from twoway.desk.builders import composers, meters
from twoway.desk.builders.menus import untold_toast
from twoway.desk.context import Care, Composer, Patch, Toast
from twoway.desk.inbox_actions import after_change, done_toast
from twoway.desk.inbox_frame import Asked, asked_of, desk_view, id_of, mark_of, patched, require_right, shown
from twoway.desk.inbox_reads import Opened
from twoway.desk.middleware import DeskRequest
from twoway.lib.refusal import Invalid, Refused
from twoway.lib.words import t
from twoway.messaging import outbound, screening
from twoway.messaging.cost import queries as costs
from twoway.messaging.overtaking import Overtaken
from twoway.messaging.queries import Message
from twoway.messaging.scheduling import queries as scheduling
from twoway.messaging.scheduling import undoing
from twoway.messaging.tone import queries as tone
from twoway.replies import actions as replies
from twoway.sms import phone
from twoway.teams.rules import Right

_MOST_FILES = 20
_THEN = frozenset({"done", "later"})
_ASKS = frozenset({screening.ASKS, answering.ASKS})


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
        untold.extend(actions.add_note(conversation=found, body=body, by=request.actor, at=now, key=key).untold)

    untold: list[str] = []
    return _written(request, conversation_id, write, now=now, is_note=True, untold=untold)


def _written(
    request: DeskRequest,
    conversation_id: int,
    write: Callable[[Conversation, str], Message | None],
    *,
    now: datetime,
    marks_done: bool = False,
    is_note: bool = False,
    seconds: int = 0,
    untold: Sequence[str] = (),
) -> HttpResponse:
    """The change, or the form again with the text and why it was refused. A text that waits can be taken back.

    `untold` are those a note named who can't see the conversation.
    """
    found = conversations.access_conversation(request.actor, conversation_id)
    require_right(request.actor, Right.REPLY)
    body = request.POST.get("body", "")
    try:
        waiting = write(found, body)
    except Refused as refused:
        return kept(request, found, body=body, is_note=is_note, refused=refused, now=now)
    toasts = [untold_toast(untold)] if untold else []
    if marks_done:
        actions.done(conversation=found, by=request.actor, at=timezone.now())
        toasts = [done_toast(conversation_id, t("Sent and marked done."))]
    if waiting is not None:
        if marks_done:
            undoing.marked_done(message=waiting)
        words = t("Sent and marked done.") if marks_done else t("Sent.")
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
        composer = replace(composer, refused=refused.sentence, asks_confirm=refused.code in _ASKS, then=then)
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
    care = care_of(body, channel=channel, talk=talk)
    return shown(request, "desk/inbox/meter.html", {"meter": counted, "care": care})


def care_of(body: str, *, channel: Channel, talk: Conversation | None) -> Care:
    """What the content checks and the tone guide say about a draft."""
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
    return Care(
        sentences=stopping or tuple(one.sentence for one in found),
        stops=bool(stopping),
        avoided=tuple(tone.found_in(channel.workspace_id, body)),
    )
