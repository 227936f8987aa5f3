"""Beginning a conversation from our side."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from twoway.channels.models import Channel
from twoway.compliance.modes.queries import is_anonymous
from twoway.contacts.models import Contact, Identity
from twoway.conversations.actions.changing import ids, name_of, tell
from twoway.conversations.models import Conversation, Episode, State
from twoway.conversations.queries.visibility import visible_to
from twoway.events.actions import publish
from twoway.events.types import ConversationOpened, ConversationReopened
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require


@transaction.atomic
def open_conversation(*, channel: Channel, identity: Identity, by: Actor, at: datetime) -> tuple[Conversation, bool]:
    """The conversation with this person on this channel, and whether it is new: a new one belongs to the channel's
    team and, if a member began it, to that member. A done one begins a new episode; another address of the same person
    takes the place of the one they used before.

    Raises `NotAllowed` when it is somebody else's to see, `Invalid`.
    """
    require(by, Right.REPLY)
    if not channel.workspace_id == identity.workspace_id == by.workspace_id:
        raise NotAllowed(t("This person and this number are not in this workspace."))
    if not channel.is_active:
        raise Invalid(t("This number of ours is switched off."), field="channel", code="channel_inactive")
    known = conversation_with(channel=channel, contact_id=identity.contact_id)
    conversation, is_new = (
        (known, False)
        if known is not None
        else Conversation.objects.get_or_create(
            contact_id=identity.contact_id,
            channel=channel,
            defaults={
                "workspace_id": by.workspace_id,
                "pool_id": channel.pool_id,
                "identity": identity,
                "team_id": channel.team_id,
                "assignee_id": by.member_id,
                "sort_at": at,
                "last_message_at": at,
                "created_at": at,
            },
        )
    )
    if is_new:
        if is_anonymous(channel):
            Contact.objects.filter(id=identity.contact_id, is_anonymous=False).update(is_anonymous=True)
        _begin(conversation, by, at)
        return conversation, True
    conversation = _visible(conversation, by)
    if conversation.identity_id != identity.id:
        conversation.identity = identity
        conversation.save(update_fields=["identity"])
    if conversation.state == State.DONE:
        _begin_again(conversation, by, at)
    return conversation, False


def conversation_with(*, channel: Channel, contact_id: int) -> Conversation | None:
    """The conversation of this person with this number or with its pool, which comes first; None when there is none."""
    own = Q(channel=channel)
    if channel.pool_id is not None:
        own |= Q(pool_id=channel.pool_id)
    found = list(Conversation.objects.filter(own, contact_id=contact_id))
    return next((one for one in found if one.pool_id is not None and one.pool_id == channel.pool_id), None) or (
        found[0] if found else None
    )


def lock_conversation_with(*, channel: Channel, identity: Identity, by: Actor) -> Conversation | None:
    """The conversation with this person on this channel, locked until the transaction ends; None when there is none.

    Raises `NotAllowed` when it is somebody else's to see.
    """
    found = conversation_with(channel=channel, contact_id=identity.contact_id)
    return _visible(found, by) if found is not None else None


def _begin(conversation: Conversation, by: Actor, at: datetime) -> None:
    Episode.objects.create(conversation=conversation, number=1, opened_at=at)
    publish(
        ConversationOpened(
            **ids(conversation, by),
            channel_id=conversation.channel_id,
            by_name=name_of(by),
        ),
        at=at,
    )
    tell(conversation)


def _visible(conversation: Conversation, by: Actor) -> Conversation:
    locked = visible_to(by).select_for_update(no_key=True).filter(id=conversation.id).first()
    if locked is None:
        raise NotAllowed(t("Another team is talking with this person on this number."), code="not_visible")
    return locked


def _begin_again(conversation: Conversation, by: Actor, at: datetime) -> None:
    conversation.state, conversation.episode = State.OPEN, conversation.episode + 1
    conversation.sort_at = at
    fields = ["state", "episode", "sort_at"]
    if by.member_id is not None:
        conversation.assignee_id = by.member_id
        fields.append("assignee")
    conversation.save(update_fields=fields)
    Episode.objects.create(conversation=conversation, number=conversation.episode, opened_at=at)
    publish(
        ConversationReopened(
            **ids(conversation, by),
            by_name=name_of(by),
        ),
        at=at,
    )
    tell(conversation)
