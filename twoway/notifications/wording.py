"""What a notification says, made when it is shown: for this member, as they may see people's names and numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from twoway.contacts.queries import shown_address, shown_name
from twoway.conversations.models import Conversation, Note
from twoway.conversations.queries import visible_to
from twoway.lib.words import noted, t, tn
from twoway.messaging.models import Message
from twoway.messaging.words import why_not
from twoway.notifications.models import Notification
from twoway.notifications.rules import BY_ID
from twoway.sla.clock_rules import KIND_WORDS
from twoway.teams.actor import Actor

LONGEST_WORDS = 140
SOMEBODY = noted("a customer")
GONE = noted("A conversation you can't see any more")


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A notification in words. `words` are a text's or a note's own, or why something failed; "" when not asked for."""

    id: int
    kind: str
    icon: str
    title: str
    words: str
    path: str
    at: datetime
    is_unread: bool
    count: int
    conversation_id: int | None


def lines(actor: Actor, rows: Sequence[Notification], *, with_words: bool = True) -> list[Line]:
    """These notifications of this member in words; four queries for all. One about a conversation they may not see any
    more says only that."""
    ids = {row.conversation_id for row in rows if row.conversation_id}
    found = visible_to(actor).filter(id__in=ids).select_related("contact", "identity", "channel__workspace")
    talks = {talk.id: talk for talk in found}
    texts = Message.objects.filter(id__in=[row.message_id for row in rows if row.message_id]).in_bulk()
    notes = Note.objects.filter(id__in=[row.note_id for row in rows if row.note_id]).in_bulk() if with_words else {}
    return [_line(actor, row, talks.get(row.conversation_id or 0), texts, notes, with_words=with_words) for row in rows]


def _line(
    actor: Actor,
    row: Notification,
    talk: Conversation | None,
    texts: Mapping[int, Message],
    notes: Mapping[int, Note],
    *,
    with_words: bool,
) -> Line:
    kind = BY_ID.get(row.kind)
    is_gone = row.conversation_id is not None and talk is None
    text = texts.get(row.message_id or 0)
    return Line(
        id=row.id,
        kind=row.kind,
        icon=kind.icon if kind else "bell",
        title=t(GONE) if is_gone else _title(row, _name(actor, talk)),
        words="" if is_gone else _words(row, text, notes.get(row.note_id or 0), with_words=with_words),
        path="/inbox/open/" if is_gone else _path(row),
        at=row.at,
        is_unread=row.read_at is None,
        count=row.count,
        conversation_id=row.conversation_id,
    )


def _path(row: Notification) -> str:
    if row.kind in {"agree_asked", "agree_answered"}:
        return "/settings/two-people/"
    if row.conversation_id is None:
        return "/inbox/unassigned/"
    item = f"#msg-{row.message_id}" if row.message_id else f"#note-{row.note_id}" if row.note_id else ""
    return f"/c/{row.conversation_id}/{item}"


def _name(actor: Actor, talk: Conversation | None) -> str:
    if talk is None:
        return t(SOMEBODY)
    region = talk.channel.workspace.region
    return shown_name(talk.contact) or shown_address(talk.contact, talk.identity.value, to=actor, region=region)


_CLOCKS = {
    "clock_breached": noted("The answer to {name} is late"),
    "clock_warned": noted("The answer to {name} is nearly due"),
    "wrap_up": noted("The conversation with {name} has gone quiet: close it?"),
}


def _title(row: Notification, name: str) -> str:
    by = row.by_name
    match row.kind:
        case "message" | "followed":
            return tn("New text from {name}", "{n} new texts from {name}", row.count, name=name)
        case "assigned":
            if not by:
                return t("You have the conversation with {name}", name=name)
            return t("{by} gave you the conversation with {name}", by=by, name=name)
        case "team":
            if not by:
                return t("Your team has a new one: {name}", name=name)
            return t("{by} gave your team the conversation with {name}", by=by, name=name)
        case "mentioned":
            if not by:
                return t("You're mentioned in a note about {name}", name=name)
            return t("{by} mentioned you in a note about {name}", by=by, name=name)
        case "escalated":
            return t("A rule calls for a manager: {name}", name=name)
        case "failed":
            return t("Your text to {name} wasn't delivered", name=name)
        case "later_stopped":
            return t("Your text for later to {name} wasn't sent", name=name)
        case "clock_breached" | "clock_warned" | "wrap_up":
            return t(_CLOCKS[row.kind], name=name)
        case "agree_asked":
            return t("{by} asks for a second person's yes", by=by)
        case "agree_answered" if row.why == "agreed":
            return t("{by} agreed to what you asked for", by=by)
        case "agree_answered":
            return t("{by} declined what you asked for", by=by)
        case "callback_due" | "missed_call" | "missed_call_followed":
            return _of_calls(row, name)
        case "waiting" if row.conversation_id is None:
            return tn(
                "{n} people are waiting and nobody has their conversations",
                "{n} people are waiting and nobody has their conversations",
                row.count,
            )
        case "waiting":
            return t("{name} is waiting and nobody has the conversation", name=name)
    return name


def _of_calls(row: Notification, name: str) -> str:
    if row.kind == "callback_due":
        words = {"overdue": noted("The call to {name} is overdue"), "left": noted("{name} wants a call: find a time")}
        return t(words.get(row.why, noted("Call {name} now")), name=name)
    if row.count == 1 and row.why == "voicemail":
        return t("Voicemail from {name}", name=name)
    return tn("Missed call from {name}", "{n} missed calls from {name}", row.count, name=name)


def _words(row: Notification, text: Message | None, note: Note | None, *, with_words: bool) -> str:
    """Why something failed is always said; what somebody wrote only when it is wanted."""
    if row.kind == "failed":
        return why_not(text)[:LONGEST_WORDS] if text and text.error else ""
    if row.kind in {"later_stopped", "escalated"}:
        return t(row.why)[:LONGEST_WORDS]
    if row.kind in {"clock_breached", "clock_warned"}:
        return t(KIND_WORDS[row.why]) if row.why in KIND_WORDS else ""
    if not with_words:
        return ""
    said = note.body if note else text.body if text else ""
    said = " ".join(said.split())
    return said if len(said) <= LONGEST_WORDS else f"{said[: LONGEST_WORDS - 1]}…"
