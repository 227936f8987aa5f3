"""What members do together in a conversation: follow it, see whom a note named, read a handover."""

from __future__ import annotations

from datetime import datetime

from twoway.conversations.models import Conversation
from twoway.conversations.together.models import Follower, Handover, UnseenMention
from twoway.conversations.together.noting import follow_many
from twoway.lib.refusal import Invalid, NotFound
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require


def mentions_seen(*, conversation_id: int, by: Actor) -> bool:
    """This member has opened it: no mention in it waits for them any more. Whether one did."""
    if by.member_id is None:
        return False
    gone, _ = UnseenMention.objects.filter(member_id=by.member_id, conversation_id=conversation_id).delete()
    return gone > 0


def follow(*, conversation: Conversation, by: Actor, at: datetime) -> None:
    """Hear of news in it from now on. Raises `NotAllowed`, `NotFound`, `Invalid`."""
    follow_many(conversation_id=conversation.pk, member_ids=[_member_of(conversation, by)], at=at)


def unfollow(*, conversation: Conversation, by: Actor) -> None:
    """Hear of it no more, unless it is theirs. Raises `NotAllowed`, `NotFound`, `Invalid`."""
    Follower.objects.filter(conversation_id=conversation.pk, member_id=_member_of(conversation, by)).delete()


def _member_of(conversation: Conversation, by: Actor) -> int:
    require(by, Right.READ)
    if conversation.workspace_id != by.workspace_id:
        raise NotFound("conversation", conversation.pk)
    if by.member_id is None:
        raise Invalid(t("Only a member follows a conversation."), code="not_a_member")
    return by.member_id


def dismiss_handover(*, handover: Handover, by: Actor, at: datetime) -> None:
    """Whoever it was for has read it. Raises `NotFound` for somebody else's."""
    if by.member_id is None or (handover.member_id != by.member_id and handover.team_id not in by.team_ids):
        raise NotFound("handover", handover.pk)
    Handover.objects.filter(pk=handover.pk, dismissed_at=None).update(dismissed_at=at)
