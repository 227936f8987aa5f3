"""What a note brings with it: who it names is kept, told and follows. Called inside the transaction that writes it."""

from __future__ import annotations

from datetime import datetime

from twoway.conversations.models import Conversation, Note
from twoway.conversations.together.models import Follower, Mention, UnseenMention
from twoway.conversations.together.queries import Offer, offers
from twoway.conversations.together.rules import Named, named_in
from twoway.events.actions import publish
from twoway.events.types import MemberMentioned
from twoway.teams.actor import Actor


def keep_mentions(*, note: Note, conversation: Conversation, by: Actor, at: datetime) -> tuple[str, ...]:
    """Keep whom a new note names; the names of those who were named and can't see it, so are not told.

    Whoever is named, and who wrote it, follows the conversation from now on.
    """
    if by.member_id is not None:
        follow_many(conversation_id=conversation.pk, member_ids=[by.member_id], at=at)
    if "@" not in note.body:
        return ()
    known = {(one.kind, one.id): one for one in offers(by, conversation)}
    named = named_in(note.body, {key: one.called for key, one in known.items()})
    told = [(one, known[one.kind, one.id]) for one in named if not known[one.kind, one.id].why_not]
    missed = tuple(dict.fromkeys(known[one.kind, one.id].name for one in named if known[one.kind, one.id].why_not))
    if told:
        _keep(told, note=note, conversation=conversation, by=by, at=at)
    return missed


def _keep(told: list[tuple[Named, Offer]], *, note: Note, conversation: Conversation, by: Actor, at: datetime) -> None:
    Mention.objects.bulk_create(
        Mention(
            note=note,
            conversation=conversation,
            member_id=place.id if place.kind == "member" else None,
            team_id=place.id if place.kind == "team" else None,
            start=place.start,
            length=place.length,
        )
        for place, _ in told
    )
    people = sorted({key for _, offer in told for key in offer.member_ids} - {by.member_id})
    UnseenMention.objects.bulk_create(
        (UnseenMention(member_id=key, conversation=conversation, note=note) for key in people), ignore_conflicts=True
    )
    one_by_one = {offer.id for _, offer in told if offer.kind == "member"}
    follow_many(conversation_id=conversation.pk, member_ids=sorted(one_by_one), at=at)
    publish(
        MemberMentioned(
            workspace_id=conversation.workspace_id,
            conversation_id=conversation.pk,
            contact_id=conversation.contact_id,
            member_id=by.member_id,
            by_name=by.name if by.kind != "system" else "",
            note_id=note.pk,
            mentioned_ids=tuple(people),
            team_ids=tuple(sorted({offer.id for _, offer in told if offer.kind == "team"})),
        ),
        at=at,
    )


def follow_many(*, conversation_id: int, member_ids: list[int], at: datetime) -> None:
    """These members follow it from now on, if they don't already."""
    Follower.objects.bulk_create(
        (Follower(conversation_id=conversation_id, member_id=key, at=at) for key in member_ids), ignore_conflicts=True
    )
