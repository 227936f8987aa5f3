"""Reading one conversation, and what members added to its thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import Count, Prefetch, QuerySet

from twoway.channels.models import Channel
from twoway.conversations.models import Conversation, Draft, Episode, Note, ReadMark, Tag
from twoway.conversations.queries.visibility import visible_to
from twoway.events.queries import Recorded, shown_events
from twoway.lib.refusal import NotFound
from twoway.teams.actor import Actor
from twoway.teams.models import Member

Timed = TypeVar("Timed", Note, Episode)


SHARED = (
    Prefetch("channel", queryset=Channel.objects.select_related("state")),
    Prefetch("assignee", queryset=Member.objects.select_related("user")),
    "team",
    "tags",
)
"""What many rows have in common is read once for all: joining seven tables takes longer to plan than to do."""


def with_person(rows: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """The same, each with its contact and identity."""
    return rows.select_related("contact", "identity")


def with_relations(rows: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """The same, each with contact, identity, channel, assignee, team and tags; six queries at most."""
    return with_person(rows).prefetch_related(*SHARED)


def access_conversation(actor: Actor, conversation_id: int) -> Conversation:
    """A conversation with what belongs to it: two queries. Raises `NotFound` also for one this actor may not see."""
    ours = ("channel__state", "channel__campaign__brand")
    rows = visible_to(actor).select_related("contact", "identity", "channel", "assignee__user", "team", *ours)
    conversation = rows.filter(id=conversation_id).prefetch_related("tags").first()
    if conversation is None:
        raise NotFound("conversation", conversation_id)
    return conversation


def conversations_of(actor: Actor, contact_id: int, *, limit: int = 20) -> list[Conversation]:
    """The conversations with one person that this actor may see, the latest first."""
    rows = visible_to(actor).filter(contact_id=contact_id).select_related("channel", "identity")
    return list(rows.order_by("-last_message_at", "-id")[:limit])


def tags(actor: Actor) -> list[Tag]:
    """The tags of the workspace, by name."""
    return sorted(Tag.objects.filter(workspace_id=actor.workspace_id), key=lambda tag: (tag.name.casefold(), tag.pk))


def tag_uses(actor: Actor) -> dict[int, int]:
    """How many conversations that this actor may see have each tag; a tag that is on none is not in it."""
    links = Conversation.tags.through.objects.filter(tag__workspace_id=actor.workspace_id)
    if actor.sees_own_teams_only:
        links = links.filter(conversation__in=visible_to(actor))
    return dict(links.values_list("tag_id").annotate(uses=Count("id")))


def access_tag(actor: Actor, tag_id: int) -> Tag:
    """A tag of the workspace. Raises `NotFound`."""
    tag = Tag.objects.filter(workspace_id=actor.workspace_id, id=tag_id).first()
    if tag is None:
        raise NotFound("tag", tag_id)
    return tag


def draft_of(actor: Actor, conversation: Conversation) -> Draft | None:
    """What this member has begun to write in this conversation."""
    if actor.member_id is None:
        return None
    return Draft.objects.filter(conversation=conversation, member_id=actor.member_id).first()


def read_ids(actor: Actor, conversation_ids: Iterable[int]) -> dict[int, int]:
    """For each conversation this member has opened, the id of the last inbound message they saw."""
    if actor.member_id is None:
        return {}
    rows = ReadMark.objects.filter(member_id=actor.member_id, conversation_id__in=list(conversation_ids))
    return dict(rows.values_list("conversation_id", "message_id"))


def episodes(conversation: Conversation) -> list[Episode]:
    """The episodes of a conversation with who closed them, the first one first."""
    rows = Episode.objects.filter(conversation=conversation).select_related("closed_by__user")
    return list(rows.order_by("number"))


@dataclass(frozen=True, kw_only=True, slots=True)
class ThreadItems:
    """What members and Twoway added to a stretch of a thread, each in order of time. Messages are not among it."""

    notes: tuple[Note, ...]
    events: tuple[Recorded, ...]
    episodes: tuple[Episode, ...]


def thread_items(
    conversation: Conversation,
    *,
    after: datetime | None = None,
    before: datetime | None = None,
    limit: int = 200,
    episodes: Sequence[Episode] | None = None,
) -> ThreadItems:
    """Notes, lines and episodes from `after` (included) to `before` (left out), at most the newest `limit` of each.

    Done and reopened are lines too (`ConversationDone`, `ConversationReopened`), beside the episodes. `episodes` are
    those of the conversation when they are known already, which saves a query.
    """
    noted = _between(Note.objects.filter(conversation=conversation), "created_at", after, before)
    if episodes is None:
        every = Episode.objects.filter(conversation=conversation)
        begun = (
            _between(every, "opened_at", after, before).select_related("closed_by__user").order_by("-number")[:limit]
        )
        episodes = list(reversed(begun))
    else:
        episodes = [row for row in episodes if _is_between(row.opened_at, after, before)][-limit:]
    return ThreadItems(
        notes=tuple(reversed(noted.select_related("by__user").order_by("-id")[:limit])),
        events=tuple(shown_events(conversation.id, after=after, before=before, limit=limit)),
        episodes=tuple(episodes),
    )


def notes_of(
    conversation_ids: Sequence[int], *, after: datetime | None = None, before: datetime | None = None, limit: int = 200
) -> list[Note]:
    """The newest notes of conversations somebody has access to, between two moments, in order."""
    noted = _between(Note.objects.filter(conversation__in=list(conversation_ids)), "created_at", after, before)
    return list(reversed(noted.select_related("by__user").order_by("-id")[:limit]))


def notes_from(
    conversation: Conversation, *, after: datetime | None = None, before: datetime | None = None
) -> Iterator[Note]:
    """All notes of a conversation between two moments, in order, read a stretch at a time."""
    noted = _between(Note.objects.filter(conversation=conversation), "created_at", after, before)
    return noted.order_by("id").iterator(chunk_size=500)


def _is_between(at: datetime, after: datetime | None, before: datetime | None) -> bool:
    return (after is None or at >= after) and (before is None or at < before)


def _between(rows: QuerySet[Timed], column: str, after: datetime | None, before: datetime | None) -> QuerySet[Timed]:
    if after is not None:
        rows = rows.filter(**{f"{column}__gte": after})
    if before is not None:
        rows = rows.filter(**{f"{column}__lt": before})
    return rows
