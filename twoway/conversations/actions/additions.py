"""What members add: tags, notes, drafts, and how far they have read."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, connection, transaction

from twoway.compliance.shield.rules import redact
from twoway.conversations.actions.changing import ids, lock, name_of, tell
from twoway.conversations.models import Conversation, Draft, Note, State, Tag
from twoway.conversations.queries.threads import access_tag
from twoway.conversations.together.noting import keep_mentions
from twoway.events.actions import notify_draft, publish
from twoway.events.types import ConversationTagged, ConversationUntagged, NoteAdded
from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

LONGEST_TAG = 40
LONGEST_NOTE = 10_000
LONGEST_NOTE_KEY = 64
LONGEST_DRAFT = 10_000
COLORS = ("accent", "spark", "bot", "ok", "warn", "danger", "ink")
MOST_TAGS = 500
NOT_NOTED = frozenset({"card", "cvv", "ssn"})
"""What is taken out of notes and drafts; a team may note a door code or a shared password."""

_UNREAD = """
INSERT INTO read_mark (conversation_id, member_id, message_id) VALUES (%s, %s, %s)
ON CONFLICT (conversation_id, member_id) DO UPDATE SET message_id = EXCLUDED.message_id
"""
_READ = """
INSERT INTO read_mark (conversation_id, member_id, message_id) VALUES (%s, %s, %s)
ON CONFLICT (conversation_id, member_id) DO UPDATE SET message_id = EXCLUDED.message_id
WHERE read_mark.message_id < EXCLUDED.message_id
"""


@transaction.atomic
def tag(
    *, conversation: Conversation, by: Actor, at: datetime, tag_id: int | None = None, name: str = "", color: str = ""
) -> Tag:
    """Put a tag on it: the one of this id, or of this name, which is made when there is none.

    Raises `NotAllowed`, `NotFound`, `Invalid`.
    """
    conversation = lock(conversation, by=by, right=Right.TAG)
    chosen = access_tag(by, tag_id) if tag_id is not None else tag_named(by=by, name=name, color=color)
    link = Conversation.tags.through.objects.get_or_create(conversation_id=conversation.id, tag_id=chosen.pk)
    if link[1]:
        _publish_tag(ConversationTagged, conversation, chosen, by, at)
    return chosen


@transaction.atomic
def untag(*, conversation: Conversation, tag_id: int, by: Actor, at: datetime) -> None:
    """Take a tag off it. Raises `NotAllowed`, `NotFound`."""
    conversation = lock(conversation, by=by, right=Right.TAG)
    chosen = access_tag(by, tag_id)
    links = Conversation.tags.through.objects.filter(conversation_id=conversation.id, tag_id=chosen.pk)
    if links.delete()[0]:
        _publish_tag(ConversationUntagged, conversation, chosen, by, at)


def tag_named(*, by: Actor, name: str, color: str = "") -> Tag:
    """The workspace's tag of this name, in any capitals, made when there is none. Raises `NotAllowed`, `Invalid`."""
    require(by, Right.TAG)
    cleaned = clean_tag(name, color)
    every = Tag.objects.filter(workspace_id=by.workspace_id)
    found = every.filter(name__iexact=cleaned).first()
    if found is not None:
        return found
    count = every.count()
    if count >= MOST_TAGS:
        raise Invalid(
            t("There are {most} tags already. Use one of them.", most=MOST_TAGS), field="name", code="too_many_tags"
        )
    try:
        with transaction.atomic():
            return Tag.objects.create(
                workspace_id=by.workspace_id, name=cleaned, color=color or COLORS[count % len(COLORS)]
            )
    except IntegrityError:
        return every.get(name__iexact=cleaned)


def clean_tag(name: str, color: str) -> str:
    """The name of a tag without surplus blanks. Raises `Invalid` for what can't be one, or a colour there is not."""
    cleaned = " ".join(name.replace("\0", "").split())
    if not cleaned:
        raise Invalid(t("Name the tag."), field="name")
    if len(cleaned) > LONGEST_TAG:
        raise Invalid(t("Use at most {most} characters.", most=LONGEST_TAG), field="name")
    if color and color not in COLORS:
        raise Invalid(t("Choose one of: {choices}.", choices=", ".join(COLORS)), field="color")
    return cleaned


def _publish_tag(
    event: type[ConversationTagged] | type[ConversationUntagged],
    conversation: Conversation,
    chosen: Tag,
    by: Actor,
    at: datetime,
) -> None:
    publish(
        event(
            **ids(conversation, by),
            tag_id=chosen.pk,
            tag_name=chosen.name,
            by_name=name_of(by),
        ),
        at=at,
    )
    tell(conversation)


@transaction.atomic
def add_note(*, conversation: Conversation, body: str, by: Actor, at: datetime, key: str = "") -> Note:
    """Write a private remark in the thread, card numbers masked; the writer's draft of a note is done with.

    A `key` this writer has used here before brings back the note it made: nothing is written twice. Whom it names
    with @ is kept; `untold` of the note says who of them can't see the conversation. Raises `NotAllowed`, `NotFound`,
    `Invalid`.
    """
    conversation = lock(conversation, by=by, right=Right.REPLY)
    text = redact(body.replace("\0", "").strip(), kinds=NOT_NOTED)[0]
    if not text:
        raise Invalid(t("Write a note."), field="body")
    if len(text) > LONGEST_NOTE:
        raise Invalid(t("Use at most {most} characters.", most=LONGEST_NOTE), field="body")
    key = key[:LONGEST_NOTE_KEY] if by.member_id is not None else ""
    known = Note.objects.filter(conversation=conversation, by_id=by.member_id, key=key).first() if key else None
    if known is not None:
        return known
    note = Note.objects.create(
        conversation=conversation, body=text, by_id=by.member_id, by_name=by.name[:80], key=key, created_at=at
    )
    note.untold = keep_mentions(note=note, conversation=conversation, by=by, at=at)
    if by.member_id is not None:
        Draft.objects.filter(conversation=conversation, member_id=by.member_id, is_note=True).delete()
    publish(
        NoteAdded(
            **ids(conversation, by),
            note_id=note.id,
            by_name=name_of(by),
        ),
        at=at,
    )
    tell(conversation)
    return note


@transaction.atomic
def save_draft(
    *,
    conversation: Conversation,
    body: str,
    is_note: bool,
    by: Actor,
    at: datetime,
    seen_id: int | None = None,
    tab: str = "",
) -> Draft | None:
    """Keep what a member has begun to write, card numbers masked; blanks clear it. Raises `NotAllowed`, `Invalid`.

    `seen_id` is the newest text they had seen when they began it. Their other windows than `tab` are told to look.
    """
    member_id = _member_of(conversation, by)
    text = redact(body.replace("\0", ""), kinds=NOT_NOTED)[0]
    if not text.strip():
        clear_draft(conversation=conversation, by=by, tab=tab)
        return None
    if len(text) > LONGEST_DRAFT:
        raise Invalid(t("Use at most {most} characters.", most=LONGEST_DRAFT), field="body")
    kept, _ = Draft.objects.update_or_create(
        conversation=conversation,
        member_id=member_id,
        defaults={"body": text, "is_note": is_note, "updated_at": at, "seen_id": seen_id},
    )
    notify_draft(workspace_id=by.workspace_id, member_id=member_id, conversation_id=conversation.pk, tab=tab)
    return kept


def clear_draft(*, conversation: Conversation, by: Actor, tab: str = "") -> None:
    """Forget what this member has begun to write; their other windows than `tab` are told to look."""
    if by.member_id is None:
        return
    if Draft.objects.filter(conversation=conversation, member_id=by.member_id).delete()[0]:
        notify_draft(workspace_id=by.workspace_id, member_id=by.member_id, conversation_id=conversation.pk, tab=tab)


def mark_read(*, conversation: Conversation, by: Actor, message_id: int | None = None) -> None:
    """Remember that this member has seen the texts up to this one, or all of them. It never goes back.

    Raises `Invalid` for a program: only members read.
    """
    require(by, Right.READ)
    if by.member_id is None or conversation.workspace_id != by.workspace_id:
        raise Invalid(t("Only a member reads."), code="not_a_member")
    seen = conversation.last_inbound_id if message_id is None else message_id
    if seen:
        with connection.cursor() as cursor:
            cursor.execute(_READ, [conversation.id, by.member_id, seen])


def mark_unread(*, conversation: Conversation, by: Actor) -> None:
    """Their last text counts as unseen by this member again. Raises `NotAllowed`, `Invalid`."""
    require(by, Right.READ)
    if by.member_id is None or conversation.workspace_id != by.workspace_id:
        raise Invalid(t("Only a member reads."), code="not_a_member")
    if conversation.last_inbound_id is None:
        raise Invalid(t("They haven't written yet."), code="nothing_to_read")
    if conversation.state == State.DONE:
        raise Invalid(t("It is done. Reopen it first."), code="is_done")
    set_read(conversation_id=conversation.id, member_id=by.member_id, message_id=conversation.last_inbound_id - 1)


def set_read(*, conversation_id: int, member_id: int, message_id: int) -> None:
    """Put a read mark just there, also further back."""
    with connection.cursor() as cursor:
        cursor.execute(_UNREAD, [conversation_id, member_id, message_id])


def _member_of(conversation: Conversation, by: Actor) -> int:
    require(by, Right.REPLY)
    if by.member_id is None or conversation.workspace_id != by.workspace_id:
        raise Invalid(t("Only a member keeps drafts."), code="not_a_member")
    return by.member_id
