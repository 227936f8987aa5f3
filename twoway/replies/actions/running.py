"""Running a macro on one conversation: everything its steps do, or nothing; and taking it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F

from twoway.contacts import actions as contacts
from twoway.contacts.queries import access_contact
from twoway.conversations import actions as conversations
from twoway.conversations.queries import Conversation, access_conversation
from twoway.events.actions import audit
from twoway.lib.refusal import Invalid, NotFound, Refused
from twoway.lib.words import t
from twoway.messaging import outbound
from twoway.messaging.media import actions as media_actions
from twoway.messaging.media import files as store
from twoway.messaging.media import queries as media
from twoway.messaging.models import Message
from twoway.replies import queries
from twoway.replies.actions.using import note_use
from twoway.replies.models import Macro
from twoway.replies.queries import Ready
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

Step = Mapping[str, str]
UNDO_FIELDS = ("member", "team", "state", "until", "tagged", "untagged", "property", "was")


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """What a macro did. `fill` is a reply to edit before it is sent; `message` what was sent; `undo` what takes the
    rest back, as fields for `undo_macro`, empty when nothing can be.
    """

    conversation: Conversation
    message: Message | None = None
    fill: Ready | None = None
    undo: tuple[tuple[str, str], ...] = ()
    notes: int = 0


@dataclass
class _Doing:
    """One run: who, where, when, and what it takes to undo it."""

    by: Actor
    at: datetime
    conversation: Conversation
    key: str
    undo: list[tuple[str, str]] = field(default_factory=list)
    notes: int = 0


def run_macro(
    *,
    conversation: Conversation,
    macro: Macro,
    by: Actor,
    at: datetime,
    key: str,
    is_confirmed: bool = False,
    seen_id: int | None = None,
) -> Ran:
    """Do what a macro says, all of it or nothing; each step asks for its own right. `key` makes a repeat count once.

    A text goes through the one door out (`outbound.queue_text`, which gets `is_confirmed` and `seen_id`) and is written
    with the changes in one transaction, so that it leaves only when all of them hold. Raises `Refused` of any step; the
    decision about a text that may not go is kept.
    """
    require(by, Right.REPLY)
    if macro.archived_at is not None or macro.workspace_id != by.workspace_id:
        raise NotFound("macro", macro.pk)
    known = _known(conversation, key)
    if known is not None:
        return Ran(conversation=conversation, message=known)
    reply = _reply_of(macro, conversation, by=by)
    sends = any(step["do"] == "reply" for step in macro.steps)
    files = _files(reply, by=by, at=at) if reply is not None and sends else []
    send = {"media_ids": files, "is_confirmed": is_confirmed, "seen_id": seen_id} if sends else None
    try:
        return _run(macro, conversation, reply, by=by, at=at, key=key, send=send)
    except Exception:
        for row in files:
            _forget(row)
        raise


def _known(conversation: Conversation, key: str) -> Message | None:
    """The text this key sent already."""
    if not key:
        return None
    same = Message.objects.filter(workspace_id=conversation.workspace_id, idempotency_key=key[: outbound.LONGEST_KEY])
    return same.filter(conversation_id=conversation.pk).first()


def _run(
    macro: Macro,
    conversation: Conversation,
    reply: Ready | None,
    *,
    by: Actor,
    at: datetime,
    key: str,
    send: dict[str, Any] | None,
) -> Ran:
    """In one transaction: the text, and if it may go the rest. A refused text leaves its decision, nothing else."""
    with transaction.atomic():
        queued: outbound.Queued | None = None
        refused: Refused | None = None
        if reply is not None and send is not None:
            try:
                queued = _send(reply, conversation, by=by, at=at, key=key, send=send)
            except Refused as why:
                refused = why
        if refused is None:
            return _changed(macro, conversation, reply, queued, by=by, at=at, key=key)
    raise refused


def _reply_of(macro: Macro, conversation: Conversation, *, by: Actor) -> Ready | None:
    """The reply of the macro, filled in. Raises `Invalid` when it is gone, or can't be sent as it is."""
    step = next((one for one in macro.steps if one["do"] in {"reply", "fill"}), None)
    if step is None:
        return None
    try:
        found = queries.access_reply(by, int(step["value"]))
    except NotFound:
        raise Invalid(t("The saved reply of this macro is gone. Choose another one in Settings.")) from None
    if found.archived_at is not None:
        raise Invalid(t("“{name}” is archived. Choose another saved reply for this macro.", name=found.name))
    (one,) = queries.ready([found], conversation, by=by)
    if step["do"] == "reply" and one.filled.blanks:
        raise Invalid(
            t(
                "“{name}” has a blank that must be filled in first: {{{blank}}}. Nothing was done.",
                name=found.name,
                blank=one.filled.blanks[0],
            ),
            code="blank_left",
        )
    return one


def _send(
    reply: Ready, conversation: Conversation, *, by: Actor, at: datetime, key: str, send: dict[str, Any]
) -> outbound.Queued:
    body = reply.filled.text
    queued = outbound.queue_text(
        by=by, conversation=conversation, body=body, at=at, idempotency_key=key[: outbound.LONGEST_KEY], **send
    )
    if queued.is_new:
        used = [(reply.reply.pk, reply.wording)]
        note_use(used=used, conversation=conversation, message_id=queued.message.pk, body=body, by=by, at=at)
    return queued


def _files(reply: Ready, *, by: Actor, at: datetime) -> list[int]:
    """Copies of the reply's files for this text alone; what a member has put beside a draft stays there."""
    made = []
    for row in reply.reply.files.order_by("id"):
        try:
            with store.on_disk(row.key) as path:
                kept = media_actions.keep(
                    path=path,
                    name=row.name,
                    workspace_id=by.workspace_id,
                    conversation_id=None,
                    by_id=by.member_id,
                    at=at,
                )
        except OSError as error:
            raise Refused(t("One of its files is gone. Add it again in Settings."), code="media_gone") from error
        made.append(kept.pk)
    return made


def _forget(media_id: int) -> None:
    """A copy that was not sent after all."""
    row = media.by_id(media_id)
    if row is not None and row.message_id is None:
        media_actions.remove(media=row)


def _changed(
    macro: Macro,
    conversation: Conversation,
    reply: Ready | None,
    queued: outbound.Queued | None,
    *,
    by: Actor,
    at: datetime,
    key: str,
) -> Ran:
    """The steps besides the text, the count and the audit."""
    doing = _Doing(by=by, at=at, conversation=access_conversation(by, conversation.pk), key=key)
    for step in macro.steps:
        if step["do"] not in {"reply", "fill"}:
            _STEPS[step["do"]](doing, step)
    Macro.objects.filter(id=macro.pk).update(uses=F("uses") + 1, last_used_at=at)
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action="macro.ran",
        subject=f"conversation {conversation.pk}",
        data={"macro": macro.name, "steps": [one["do"] for one in macro.steps]},
        at=at,
    )
    return Ran(
        conversation=doing.conversation,
        message=queued.message if queued else None,
        fill=None if queued else reply,
        undo=tuple(doing.undo),
        notes=doing.notes,
    )


# The steps --------------------------------------------------------------------------------------------------------


def _tag(doing: _Doing, step: Step) -> None:
    tag_id = int(step["value"])
    if not doing.conversation.tags.filter(id=tag_id).exists():
        conversations.tag(conversation=doing.conversation, tag_id=tag_id, by=doing.by, at=doing.at)
        doing.undo.append(("tagged", str(tag_id)))


def _untag(doing: _Doing, step: Step) -> None:
    tag_id = int(step["value"])
    if doing.conversation.tags.filter(id=tag_id).exists():
        conversations.untag(conversation=doing.conversation, tag_id=tag_id, by=doing.by, at=doing.at)
        doing.undo.append(("untagged", str(tag_id)))


def _assign(doing: _Doing, step: Step, *, member: bool) -> None:
    before = doing.conversation.assignee_id if member else doing.conversation.team_id
    value = doing.by.member_id if step["do"] == "assign_me" else int(step["value"])
    if step["do"] == "assign_me" and value is None:
        raise Invalid(t("Only a member can take a conversation."), code="not_a_member")
    doing.conversation = conversations.assign(
        conversation=doing.conversation,
        by=doing.by,
        at=doing.at,
        member_id=value if member else conversations.UNCHANGED,
        team_id=conversations.UNCHANGED if member else value,
    )
    if before != value:
        doing.undo.append(("member" if member else "team", str(before or "")))


def _property(doing: _Doing, step: Step) -> None:
    contact = access_contact(doing.by, doing.conversation.contact_id)
    before = str(contact.properties.get(step["key"], ""))
    if before != step["value"]:
        contacts.set_property(contact=contact, key=step["key"], value=step["value"], by=doing.by, at=doing.at)
        doing.undo += [("property", step["key"]), ("was", before)]


def _note(doing: _Doing, step: Step) -> None:
    doing.notes += 1
    key = f"{doing.key[:50]}-{doing.notes}" if doing.key else ""
    conversations.add_note(conversation=doing.conversation, body=step["value"], by=doing.by, at=doing.at, key=key)


def _snooze(doing: _Doing, step: Step) -> None:
    until = None if step["value"] == "reply" else doing.at + timedelta(minutes=int(step["value"]))
    _keep_state(doing)
    doing.conversation = conversations.snooze(conversation=doing.conversation, until=until, by=doing.by, at=doing.at)


def _done(doing: _Doing, _step: Step) -> None:
    _keep_state(doing)
    doing.conversation = conversations.done(conversation=doing.conversation, by=doing.by, at=doing.at)


def _keep_state(doing: _Doing) -> None:
    found = doing.conversation
    until = found.snoozed_until.isoformat() if found.snoozed_until else ""
    doing.undo += [("state", found.state), ("until", until)]


_STEPS: Mapping[str, Callable[[_Doing, Step], None]] = {
    "tag": _tag,
    "untag": _untag,
    "assign_member": partial(_assign, member=True),
    "assign_me": partial(_assign, member=True),
    "assign_team": partial(_assign, member=False),
    "property": _property,
    "note": _note,
    "snooze": _snooze,
    "done": _done,
}


# Taking it back ---------------------------------------------------------------------------------------------------


@transaction.atomic
def undo_macro(*, conversation: Conversation, fields: Mapping[str, list[str]], by: Actor, at: datetime) -> Conversation:
    """Take back what can be: state, holder, tags and properties, as `Ran.undo` has them. A text, or a note, stays.

    Everything is an ordinary change and asks for its own right, so made-up fields do no more than a member may.
    """
    require(by, Right.REPLY)
    found = access_conversation(by, conversation.pk)
    if fields.get("state"):
        found = _state_again(found, fields["state"][0], (fields.get("until") or [""])[0], by=by, at=at)
    for name in ("member", "team"):
        if fields.get(name):
            told = fields[name][0]
            holder = _id(told) if told else None
            found = conversations.assign(
                conversation=found,
                by=by,
                at=at,
                member_id=holder if name == "member" else conversations.UNCHANGED,
                team_id=holder if name == "team" else conversations.UNCHANGED,
            )
    for tag_id in fields.get("tagged", []):
        conversations.untag(conversation=found, tag_id=_id(tag_id), by=by, at=at)
    for tag_id in fields.get("untagged", []):
        conversations.tag(conversation=found, tag_id=_id(tag_id), by=by, at=at)
    pairs = zip(fields.get("property", []), fields.get("was", []), strict=False)
    for key, value in list(pairs)[::-1]:
        contact = access_contact(by, found.contact_id)
        contacts.set_property(contact=contact, key=key, value=value, by=by, at=at)
    return found


def _state_again(found: Conversation, state: str, until: str, *, by: Actor, at: datetime) -> Conversation:
    if state == "open":
        return conversations.reopen(conversation=found, by=by, at=at)
    if state == "done":
        return conversations.done(conversation=found, by=by, at=at)
    if state != "snoozed":
        raise Invalid(t("This can't be taken back any more."))
    found = conversations.reopen(conversation=found, by=by, at=at)
    try:
        moment = datetime.fromisoformat(until) if until else None
    except ValueError:
        raise Invalid(t("This can't be taken back any more.")) from None
    if moment is not None and (moment.tzinfo is None or moment <= at):
        return found
    return conversations.snooze(conversation=found, until=moment, by=by, at=at)


def _id(told: str) -> int:
    if not (told.isascii() and told.isdigit() and len(told) < 19):
        raise Invalid(t("This can't be taken back any more."))
    return int(told)
