"""Taking a copy of a conversation: which part, as what, and a page to print. Each is written into the audit trail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from twoway.contacts.queries import shown_address
from twoway.conversations import queries as conversations
from twoway.conversations.folding import MOMENT
from twoway.conversations.queries import Conversation, access_conversation
from twoway.desk.approvals_asked import ask
from twoway.desk.inbox_frame import asked_of, desk_view, id_of, require_right, shown
from twoway.desk.log_asked import day_of
from twoway.desk.middleware import DeskRequest
from twoway.desk.words import date_words
from twoway.events.actions import audit
from twoway.lib.refusal import Invalid, NotFound
from twoway.lib.words import ENGLISH, noted, t
from twoway.messaging.transcripts import queries, rules
from twoway.messaging.transcripts.rules import Entry, Wanted
from twoway.sms import phone
from twoway.teams import languages
from twoway.teams.approvals.gate import is_second_needed, require_second
from twoway.teams.approvals.rules import Rule
from twoway.teams.rules import Right

FORM, PAGE, PRINT = "desk/inbox/transcript.html", "desk/inbox/menu_page.html", "desk/inbox/print.html"
TYPES = {"text": "text/plain; charset=utf-8", "json": "application/json", "pdf": "application/pdf"}
ENDINGS = {"text": "txt", "json": "json", "pdf": "pdf"}
FIELDS = ("episode", "from", "to", "notes", "paper")
"""What the form asks."""
MOST_PRINTED = 5000
"""Texts on one page to print or in one PDF: both are made in memory."""
PAPER = "twoway.messaging.transcripts.pdf"
"""Brought in when the first PDF is asked for: it takes tens of megabytes, which no other page needs."""
TOO_LONG = noted("That's more than {most} texts. Choose the days, or take it as text.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What the head of a transcript says, one line each, and the same for machines."""

    lines: tuple[str, ...]
    record: Mapping[str, Any]
    person: str
    zone: ZoneInfo


@require_safe
@desk_view
def choose(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """The form: which part, with notes or not, and as what."""
    found = access_conversation(request.actor, conversation_id)
    require_right(request.actor, Right.EXPORT)
    context = {"menu": {"conversation_id": found.pk, "episodes": _episodes(found), "days": request.GET}}
    if request.htmx:
        return shown(request, FORM, context)
    return shown(request, PAGE, {**context, "menu_template": FORM})


def _episodes(found: Conversation) -> list[tuple[int, str]]:
    """The episodes to choose from, the newest first, when there are several."""
    rows = conversations.episodes(found) if found.episode > 1 else []
    year = timezone.localtime().year
    named = []
    for row in reversed(rows):
        begun = date_words(timezone.localtime(row.opened_at), this_year=year)
        ended = date_words(timezone.localtime(row.closed_at), this_year=year) if row.closed_at else t("now")
        named.append((row.number, begun if begun == ended else t("{start} to {end}", start=begun, end=ended)))
    return named


@require_POST
@desk_view
def take(request: DeskRequest, conversation_id: int, kind: str) -> HttpResponseBase:
    """The transcript as a file: "text" and "json" are streamed, "pdf" is made whole. Audited before anything leaves."""
    if is_second_needed(request.actor, Rule.EXPORT):
        return _ask(request, conversation_id, kind)
    return taken(request, conversation_id, kind, request.POST)


def _ask(request: DeskRequest, conversation_id: int, kind: str) -> HttpResponse:
    """Where it takes two people, it is asked for: what the form says, when it could be had."""
    found = access_conversation(request.actor, conversation_id)
    require_right(request.actor, Right.EXPORT)
    if kind not in TYPES:
        raise NotFound("transcript")
    wanted_of(found, request.POST)
    query = urlencode({key: value[:20] for key in FIELDS if (value := request.POST.get(key, ""))})
    wanted = {"conversation": found.pk, "form": kind, "query": query}
    return ask(request, "transcript", wanted, contact_id=found.contact_id)


def taken(request: HttpRequest, conversation_id: int, kind: str, fields: QueryDict) -> HttpResponseBase:
    """The file a form asks for. Raises `NotFound`, `NotAllowed`, `Invalid`."""
    asked = cast(DeskRequest, request)
    found = access_conversation(asked.actor, conversation_id)
    require_right(asked.actor, Right.EXPORT)
    if kind not in TYPES:
        raise NotFound("transcript")
    wanted, now = wanted_of(found, fields), timezone.now()
    if kind == "pdf" and queries.count(found, wanted, most=MOST_PRINTED + 1) > MOST_PRINTED:
        raise Invalid(t(TOO_LONG, most=f"{MOST_PRINTED:,}"), field="from")
    with languages.worded_in(ENGLISH):
        told = _told(asked, found, wanted, now)
    _audit(asked, found, wanted, kind, now)
    name = f"conversation-{found.pk}-{timezone.localtime(now):%Y-%m-%d}.{ENDINGS[kind]}"
    answer = _answer(kind, told, lambda: queries.entries(found, wanted, person=told.person), fields)
    answer["Content-Type"] = TYPES[kind]
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _answer(kind: str, told: Told, entries: Any, fields: QueryDict) -> HttpResponseBase:
    if kind == "pdf":
        paper = "letter" if fields.get("paper") == "letter" else "a4"
        digest = rules.digest_of(entries(), zone=told.zone)
        return HttpResponse(
            import_module(PAPER).render(told.lines, entries(), zone=told.zone, digest=digest, paper=paper)
        )
    if kind == "json":
        return StreamingHttpResponse(_bytes(rules.as_json(told.record, entries())))
    return StreamingHttpResponse(_bytes(rules.as_text(told.lines, entries(), zone=told.zone)))


def _bytes(pieces: Iterator[str]) -> Iterator[bytes]:
    """The pieces, several together: one line is little for a network."""
    held: list[str] = []
    for piece in pieces:
        held.append(piece)
        if len(held) == 100:
            yield "".join(held).encode()
            held = []
    yield "".join(held).encode()


@require_safe
@desk_view
def printed(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """A page to print, with nothing on it but the transcript."""
    found = access_conversation(request.actor, conversation_id)
    require_right(request.actor, Right.EXPORT)
    require_second(request.actor, Rule.EXPORT)
    wanted, now = wanted_of(found, request.GET), timezone.now()
    if queries.count(found, wanted, most=MOST_PRINTED + 1) > MOST_PRINTED:
        raise Invalid(t(TOO_LONG, most=f"{MOST_PRINTED:,}"), field="from")
    if request.method == "GET":
        _audit(request, found, wanted, "print", now)
    with languages.worded_in(ENGLISH):
        told = _told(request, found, wanted, now)
        entries: list[Entry] = list(queries.entries(found, wanted, person=told.person))
        digest = rules.digest_of(entries, zone=told.zone)
        return shown(request, PRINT, {"told": told, "entries": entries, "digest": digest, "how": rules.HOW})


def wanted_of(found: Conversation, fields: QueryDict) -> Wanted:
    """What a form asks for: an episode, or days from and to (both included). Raises `Invalid`."""
    with_notes = fields.get("notes") == "1"
    number = id_of(fields.get("episode", ""))
    if number is not None:
        return _of_episode(found, number, with_notes=with_notes)
    after, last = (_day(fields, key) for key in ("from", "to"))
    if after is not None and last is not None and last < after:
        raise Invalid(t("The last day is before the first."), field="to")
    return Wanted(after=after, before=rules.until_day(last) if last else None, with_notes=with_notes)


def _day(fields: QueryDict, key: str) -> datetime | None:
    text = fields.get(key, "")
    at = day_of(text)
    if text and at is None:
        raise Invalid(t("Write days as 2026-03-31."), field=key)
    return at


def _of_episode(found: Conversation, number: int, *, with_notes: bool) -> Wanted:
    before: datetime | None = None
    for row in conversations.episodes(found):
        end = row.closed_at + MOMENT if row.closed_at else None
        if row.number == number:
            return Wanted(after=before, before=end, with_notes=with_notes)
        before = end
    raise NotFound("episode", number)


def _told(request: DeskRequest, found: Conversation, wanted: Wanted, now: datetime) -> Told:
    """The head: whose it is, which part, in which zone, by whom and when. A record is in English for every reader."""
    asked = asked_of(request)
    address = shown_address(found.contact, found.identity.value, to=request.actor, region=asked.region)
    person = queries.person_of(found, address=address)
    ours = phone.pretty(found.channel.address, region=asked.region)
    ours = f"{ours} ({found.channel.name})" if found.channel.name else ours
    zone = ZoneInfo(timezone.get_current_timezone_name())
    part = _part(wanted, zone)
    notes = "With private notes" if wanted.with_notes else "Without private notes"
    by = request.actor.name
    made = f"{now.astimezone(zone):%Y-%m-%d %H:%M:%S %z}"
    lines = (
        f"Conversation with {person}",
        f"Their address: {address}. Our number: {ours}",
        f"{part}. {notes}. Times are in {zone.key}.",
        f"Made on {made} by {by}, {request.signed.member.workspace.name}",
    )
    record = {
        "conversation": found.pk,
        "person": person,
        "address": address,
        "our_number": found.channel.address,
        "from": wanted.after.isoformat() if wanted.after else None,
        "until": wanted.before.isoformat() if wanted.before else None,
        "with_notes": wanted.with_notes,
        "zone": zone.key,
        "made_at": now.isoformat(),
        "made_by": by,
    }
    return Told(lines=lines, record=record, person=person, zone=zone)


def _part(wanted: Wanted, zone: ZoneInfo) -> str:
    if wanted.after is None and wanted.before is None:
        return "The whole conversation"
    start, end = (f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else "" for at in (wanted.after, wanted.before))
    if not start:
        return f"From the beginning to {end}"
    return f"From {start} to {end or 'now'}"


def _audit(request: DeskRequest, found: Conversation, wanted: Wanted, kind: str, now: datetime) -> None:
    audit(
        workspace_id=found.workspace_id,
        actor=request.actor.audit_name,
        action="transcript.printed" if kind == "print" else "transcript.exported",
        subject=f"conversation {found.pk}",
        data={
            "kind": kind,
            "from": wanted.after.isoformat() if wanted.after else "",
            "until": wanted.before.isoformat() if wanted.before else "",
            "notes": wanted.with_notes,
        },
        at=now,
    )
