"""The first text to a number: the form, what it meets, and sending it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from twoway.channels.queries import Channel, access_channel, visible_channels
from twoway.compliance import queries as compliance
from twoway.compliance.deciding.rules import is_exchange
from twoway.compliance.purposes import queries as purposes
from twoway.compliance.quiet import queries as quiet
from twoway.compliance.rules import WINDOW_CLOSED, Purpose, refusal
from twoway.contacts.queries import find_identity
from twoway.conversations.queries import Conversation, access_conversation
from twoway.desk import compose
from twoway.desk.builders import chips, clocks, meters
from twoway.desk.context import ChannelChip, NewConversation
from twoway.desk.context.menus import NO_FACTS, NewFacts
from twoway.desk.inbox_frame import asked_of, desk_view, id_of, mark_of, require_right, shown
from twoway.desk.middleware import DeskRequest
from twoway.lib.refusal import Invalid, NotAllowed, NotFound, Refused
from twoway.lib.words import noted, t
from twoway.messaging import outbound, screening
from twoway.messaging.cost import queries as costs
from twoway.messaging.media import actions as media
from twoway.messaging.media import queries as media_queries
from twoway.messaging.media.files import scratch
from twoway.messaging.media.rules import MOST_FILES
from twoway.messaging.overtaking import Overtaken
from twoway.messaging.templating import open_thread, thread_with
from twoway.sms import phone
from twoway.teams.rules import Right

_ABOUT_BODY = frozenset({"empty", "too_long", screening.SENSITIVE, screening.BLOCKED, screening.ASKS})
NEW, NEW_PAGE, FACTS = "desk/inbox/new_conversation.html", "desk/inbox/new_page.html", "desk/inbox/new_facts.html"
FIRST_NEEDS_CONSENT = noted("They haven't written lately. Without their consent to texts this one isn't sent.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """The form as it was sent."""

    channel: str = ""
    to: str = ""
    body: str = ""
    key: str = ""
    files: tuple[int, ...] = ()


@require_http_methods(["GET", "HEAD", "POST"])
@desk_view
def new_conversation(request: DeskRequest) -> HttpResponse:
    """Text a number: the form, and sending it."""
    require_right(request.actor, Right.REPLY)
    if request.method != "POST":
        return _new(request, Wanted(channel=_channel_on_screen(request), to=request.GET.get("to", "")))
    given = _given(request)
    try:
        given = replace(given, files=(*given.files, *_uploaded(request, room=MOST_FILES - len(given.files))))
        identity = phone.parse_typed(given.to, region=request.signed.member.workspace.region)
        channel = access_channel(request.actor, id_of(given.channel) or 0)
        queued = outbound.queue_first_text(
            by=request.actor,
            channel=channel,
            identity=identity,
            body=given.body,
            at=timezone.now(),
            idempotency_key=given.key[: outbound.LONGEST_KEY],
            media_ids=given.files,
            is_confirmed=request.POST.get("confirmed") == "1",
            seen_id=mark_of(request.POST.get("seen", "")),
        )
    except phone.NotANumber as error:
        return _new(request, given, to_error=str(error))
    except (Invalid, NotAllowed, NotFound) as refused:
        return _refused(request, given, refused)
    except Refused as refused:
        if refused.code == WINDOW_CLOSED.code:
            now = timezone.now()
            talk = open_thread(by=request.actor, channel=channel, identity=identity, body=given.body, at=now)
            return _to_conversation(request, talk.pk)
        return _refused(request, given, refused)
    return _to_conversation(request, queued.message.conversation_id)


def _given(request: DeskRequest) -> Wanted:
    fields = {name: request.POST.get(name, "") for name in ("channel", "to", "body", "key")}
    return Wanted(**fields, files=tuple(compose.files_of(request)))


def _uploaded(request: DeskRequest, *, room: int) -> list[int]:
    """The ids of the files that came with the form, kept for this member. Raises `Invalid`, `Refused`."""
    told = request.FILES.getlist("file")
    if len(told) > room:
        raise Invalid(t("Send up to {most} files at once.", most=MOST_FILES), field="file", code="too_many")
    kept = []
    for one in told:
        if not one.size:
            raise Invalid(t("This file is empty."), field="file", code="empty")
        if one.size > settings.MEDIA_MOST_BYTES:
            raise Invalid(media.too_big(), field="file", code="too_big")
        with scratch() as path:
            with path.open("wb") as target:
                for piece in one.chunks():
                    target.write(piece)
            row = media.keep(
                path=path,
                name=(one.name or "")[:200],
                workspace_id=request.actor.workspace_id,
                conversation_id=None,
                by_id=request.actor.member_id,
                at=timezone.now(),
            )
        kept.append(row.pk)
    return kept


def _refused(request: DeskRequest, given: Wanted, refused: Refused) -> HttpResponse:
    """The form again, with the sentence where it belongs and a way on where there is one."""
    is_about_body = refused.code in _ABOUT_BODY
    return _new(
        request,
        given,
        error="" if is_about_body else refused.sentence,
        body_error=refused.sentence if is_about_body else "",
        asks_confirm=refused.code == screening.ASKS,
        asks_seen=refused.seen_id if isinstance(refused, Overtaken) else 0,
    )


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
    asks_seen: int = 0,
) -> HttpResponse:
    channels = [channel for channel in visible_channels(request.actor) if channel.is_active]
    if not channels and not error:
        error = t("There is no number to text from yet. An owner or an admin adds one in Settings.")
    names = media_queries.names_of_own(request.actor, given.files)
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
        facts=_facts(request, given) if request.method == "POST" or given.to else NO_FACTS,
        files=tuple(names),
        asks_seen=asks_seen,
    )
    status = 422 if request.method == "POST" else 200
    return shown(request, NEW if request.htmx else NEW_PAGE, {"form": form}, status=status)


def _chip(request: DeskRequest, channel: Channel) -> ChannelChip:
    return chips.channel_chip(channel, region=request.signed.member.workspace.region)


# What it meets ----------------------------------------------------------------------------------------------------


@require_POST
@desk_view
def check(request: DeskRequest) -> HttpResponse:
    """What is known of the number that is typed, and what the text costs."""
    require_right(request.actor, Right.REPLY)
    return shown(request, FACTS, {"facts": _facts(request, _given(request))})


def _facts(request: DeskRequest, given: Wanted) -> NewFacts:
    """As far as number and line can be read; half a number says nothing yet."""
    workspace = request.signed.member.workspace
    try:
        channel = access_channel(request.actor, id_of(given.channel) or 0)
        identity = phone.parse_typed(given.to, region=workspace.region)
    except (phone.NotANumber, NotFound, NotAllowed):
        return NO_FACTS
    now = timezone.now()
    body = given.body[: outbound.LONGEST_BODY]
    talk = _talk(request, thread_with(channel, identity))
    known = find_identity(request.actor.workspace_id, identity)
    quote = costs.quote(
        channel, recipient=identity.value, region=workspace.region, time_zone=workspace.time_zone, at=now
    )
    facts = NewFacts(
        meter=meters.meter(
            body,
            is_toll_free=phone.is_toll_free_us(channel.address),
            quote=quote,
            media=len(given.files) + len(request.FILES),
            is_counted=channel.kind == "sms",
        ),
        care=compose.care_of(body, channel=channel, talk=talk) if body.strip() else None,
        refused=_why_not(known.pk, channel) if known is not None else "",
    )
    if talk is not None:
        who = chips.person(talk, region=workspace.region, to=request.actor).name
        facts = replace(facts, who=who, known_id=talk.pk, seen_id=talk.last_message_id or 0)
    return _with_clock(facts, request, talk=talk, identity_id=known.pk if known else None, identity=identity)


def _talk(request: DeskRequest, found: Conversation | None) -> Conversation | None:
    """The conversation there is already, when this member may see it. Nobody finds an anonymous person by a number."""
    if found is None or found.contact.is_anonymous:
        return None
    try:
        return access_conversation(request.actor, found.pk)
    except NotFound:
        return None


def _why_not(identity_id: int, channel: Channel) -> str:
    facts = compliance.send_facts(
        identity_id=identity_id, channel_id=channel.pk, purpose=Purpose.REPLY.value, author="member"
    )
    why = refusal(facts)
    return t(why.for_agent) if why is not None else ""


def _with_clock(
    facts: NewFacts,
    request: DeskRequest,
    *,
    talk: Conversation | None,
    identity_id: int | None,
    identity: phone.Identity,
) -> NewFacts:
    """The same with the customer's clock, and whether a first text needs more than a reply."""
    now, workspace_id = timezone.now(), request.actor.workspace_id
    where = quiet.identity_facts(identity_id, at=now) if identity_id is not None else None
    if where is None:
        where = quiet.facts_of_number(kind=identity.kind, value=identity.value, hours=quiet.hours_of(workspace_id))
    is_reply = is_exchange(talk.last_inbound_at if talk else None, at=now)
    is_held = not is_reply and purposes.first_text_needs_consent(workspace_id)
    return replace(
        facts,
        quiet=clocks.quiet_words(where, is_reply=is_reply, is_held=is_held, now=now),
        consent=t(FIRST_NEEDS_CONSENT) if is_held else "",
    )
