"""Two conversations of one person with the same number become one, and apart again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from django.db import connection
from django.db.models import Max

from twoway.conversations.models import Conversation, Draft, Episode, ReadMark
from twoway.events.actions import Audience
from twoway.messaging.callbacks import joining as callbacks
from twoway.messaging.merging import calls, tables
from twoway.messaging.merging.models import JoinedConversation, Merge
from twoway.messaging.merging.rules import Talk, joined
from twoway.messaging.merging.tables import Row
from twoway.messaging.models import Direction, Message
from twoway.messaging.rules import preview

Kept = dict[str, Any]
"""What one join changed: `old` and `new` conversation, the rows before, those that moved, what the new one is after."""


def target(gone: Conversation, others: Sequence[Conversation]) -> Conversation | None:
    """The conversation a text to the same number would land in: that of its pool, else that of the number."""
    by_pool = (one for one in others if gone.pool_id is not None and one.pool_id == gone.pool_id)
    return next(by_pool, None) or next((one for one in others if one.channel_id == gone.channel_id), None)


def join(merge: Merge, *, gone: Conversation, into: Conversation) -> Kept:
    """Put everything of one conversation into the other, in the order of time, and remove the empty one."""
    noted: Kept = {
        "old": gone.pk,
        "new": into.pk,
        "before": tables.rows("conversation", "id", [gone.pk, into.pk]),
        "episodes": tables.rows("episode", "conversation_id", [gone.pk, into.pk]),
        "drafts": tables.rows("draft", "conversation_id", [gone.pk, into.pk]),
        "marks": tables.rows("read_mark", "conversation_id", [gone.pk, into.pk]),
        "left": {},
        "moved": {},
    }
    _combine_drafts(gone, into)
    _join_marks(gone, into)
    _renumber(gone, into)
    parted = callbacks.make_room(gone_id=gone.pk, into_id=into.pk, at=merge.at)
    for pointer in tables.pointers(Conversation):
        moved, left = tables.move(pointer, old=gone.pk, new=into.pk)
        noted["moved"][pointer.name] = moved
        if left:
            noted["left"][pointer.table] = left
    after = joined(_talk(into), _talk(gone))
    tables.delete("conversation", "id", [gone.pk])
    last = Episode.objects.filter(conversation=into).aggregate(last=Max("number"))["last"] or 1
    Conversation.objects.filter(id=into.pk).update(**asdict(after), episode=last)
    JoinedConversation.objects.create(
        conversation_id=gone.pk, workspace_id=merge.workspace_id, merge=merge, into_id=into.pk
    )
    callbacks.tell(parted, into_id=into.pk, at=merge.at)
    noted["after"] = tables.rows("conversation", "id", [into.pk])
    return noted


def part(noted: Kept, *, contact_id: int) -> None:
    """Take a join back: the removed conversation returns with its id, and with what was moved out of it."""
    old, new = int(noted["old"]), int(noted["new"])
    gone_row = next(row for row in noted["before"] if row["id"] == old)
    tables.put("conversation", [{**gone_row, "contact_id": contact_id}])
    for pointer in tables.pointers(Conversation):
        tables.move_back(pointer, old=old, new=new, keys=noted["moved"].get(pointer.name, []))
    for table, left in noted["left"].items():
        tables.put(table, left)
    _part_episodes(noted, old, new)
    _part_drafts(noted, new)
    for row in noted["marks"]:
        tables.put("read_mark", [row])
        tables.restore("read_mark", row)
    now = tables.rows("conversation", "id", [new])
    if now == noted["after"]:
        tables.restore("conversation", next(row for row in noted["before"] if row["id"] == new))
    else:
        refresh(new)


def _combine_drafts(gone: Conversation, into: Conversation) -> None:
    """Who wrote in both keeps both, one below the other."""
    for draft in Draft.objects.filter(conversation=gone):
        own = Draft.objects.filter(conversation=into, member_id=draft.member_id).first()
        if own is None:
            continue
        if draft.body.strip() and draft.body != own.body:
            own.body = "\n\n".join(body for body in (own.body, draft.body) if body.strip())
            own.updated_at = max(own.updated_at, draft.updated_at)
            own.save(update_fields=["body", "updated_at"])
        draft.delete()


def _part_drafts(noted: Kept, new: int) -> None:
    before = {row["id"]: row for row in noted["drafts"]}
    for row in before.values():
        if not tables.put("draft", [row]) and row["conversation_id"] == new:
            now = Draft.objects.filter(id=row["id"]).values_list("body", flat=True).first()
            if now is not None and now.startswith(row["body"] + "\n\n"):
                tables.restore("draft", row)


def _join_marks(gone: Conversation, into: Conversation) -> None:
    """Who had read all of both has read all; for others everything counts as unread that one of them hadn't seen."""
    for mark in ReadMark.objects.filter(conversation=gone):
        own = ReadMark.objects.filter(conversation=into, member_id=mark.member_id).first()
        if own is None:
            continue
        has_read = mark.message_id >= (gone.last_inbound_id or 0) and own.message_id >= (into.last_inbound_id or 0)
        own.message_id = (max if has_read else min)(own.message_id, mark.message_id)
        own.save(update_fields=["message_id"])
        mark.delete()


def _renumber(gone: Conversation, into: Conversation) -> None:
    """The episodes of both in the order they began."""
    every = list(Episode.objects.filter(conversation__in=[gone, into]).order_by("opened_at", "id"))
    for number, episode in enumerate(every, 1):
        Episode.objects.filter(id=episode.pk).update(number=-number)
    for number, episode in enumerate(every, 1):
        Episode.objects.filter(id=episode.pk).update(number=number, conversation=into)


def _part_episodes(noted: Kept, old: int, new: int) -> None:
    """Both have the episodes they had; those that began since stay with the one that stayed."""
    known = [row["id"] for row in noted["episodes"]]
    since = list(Episode.objects.filter(conversation_id=new).exclude(id__in=known).order_by("number"))
    now = {row["id"]: row for row in tables.rows("episode", "conversation_id", [new])}
    for number, episode in enumerate(since, 1):
        Episode.objects.filter(id=episode.pk).update(number=-1_000 - number)
    tables.delete("episode", "id", known)
    for row in noted["episodes"]:
        held = now.get(row["id"], row)
        tables.put("episode", [row | {name: held[name] for name in ("closed_at", "closed_by_id")} if since else row])
    first = Episode.objects.filter(conversation_id=new, number__gt=0).aggregate(last=Max("number"))["last"] or 0
    for number, episode in enumerate(since, first + 1):
        Episode.objects.filter(id=episode.pk).update(number=number)
    if since:
        Conversation.objects.filter(id=new).update(episode=first + len(since))


_NAMES = tuple(field.name for field in fields(Talk))


def _talk(row: Conversation) -> Talk:
    return Talk(**{name: getattr(row, name) for name in _NAMES})


_SPLIT = """
UPDATE message SET conversation_id = %(into)s
WHERE conversation_id = %(out)s AND identity_id = ANY(%(identities)s) RETURNING id
"""


def split(out: Conversation, *, identity_ids: Sequence[int], contact_id: int) -> Conversation | None:
    """Move the texts and calls with these addresses into that contact's conversation with the same number; None
    without any."""
    has_texts = Message.objects.filter(conversation=out, identity_id__in=list(identity_ids)).exists()
    if not has_texts and not calls.with_numbers(out.pk, identity_ids).exists():
        return None
    own = list(Conversation.objects.select_for_update().filter(contact_id=contact_id))
    into = target(out, own) or _like(out, contact_id)
    with connection.cursor() as cursor:
        cursor.execute(_SPLIT, {"into": into.pk, "out": out.pk, "identities": list(identity_ids)})
    calls.move(out=out.pk, into=into.pk, identity_ids=identity_ids)
    refresh(out.pk)
    refresh(into.pk, waits_like=out)
    return into


def _like(out: Conversation, contact_id: int) -> Conversation:
    made = Conversation.objects.create(
        workspace_id=out.workspace_id,
        contact_id=contact_id,
        channel_id=out.channel_id,
        identity_id=out.identity_id,
        team_id=out.team_id,
        assignee_id=out.assignee_id,
        state=out.state,
        sort_at=out.sort_at,
        last_message_at=out.last_message_at,
        created_at=out.created_at,
    )
    Episode.objects.create(conversation=made, number=1, opened_at=out.created_at)
    return made


def refresh(conversation_id: int, *, waits_like: Conversation | None = None) -> None:
    """Let a conversation say what its texts say. `waits_like`: it waits for us if that one does and they spoke last."""
    talk = Conversation.objects.select_for_update().filter(id=conversation_id).first()
    texts = Message.objects.filter(conversation_id=conversation_id).order_by("-id")
    last = texts.first()
    if talk is None or last is None:
        return
    heard = texts.filter(direction=Direction.IN).first()
    if last.pk != talk.last_message_id:
        talk.last_message_id, talk.last_message_at = last.pk, last.created_at
        talk.preview, talk.preview_by = preview(last.body), last.by_name
        talk.identity_id = last.identity_id
    talk.last_inbound_id = heard.pk if heard else None
    talk.last_inbound_at = heard.created_at if heard else None
    asks = last.direction == Direction.IN
    if waits_like is not None and waits_like.needs_reply and asks:
        talk.state, talk.snoozed_until = "open", None
        talk.needs_reply, talk.unanswered = True, max(1, talk.unanswered)
        talk.sort_at = last.created_at
    elif not asks and talk.needs_reply and not _was_called(conversation_id):
        talk.needs_reply, talk.unanswered, talk.sort_at = False, 0, talk.last_message_at
    elif not talk.needs_reply:
        talk.sort_at = talk.last_message_at
    talk.save()


def audience(row: Row) -> Audience:
    """Who may be told about a conversation that is a row of JSON."""
    return row["id"], row["team_id"], row["assignee_id"]


def _was_called(conversation_id: int) -> bool:
    """Whether they called in vain since one of us last wrote; what Twoway itself sent, such as a text back, answers
    nothing."""
    ours = Message.objects.filter(conversation_id=conversation_id, direction=Direction.OUT).exclude(author="system")
    return calls.in_vain_since(conversation_id, ours.order_by("-id").values_list("created_at", flat=True).first())
