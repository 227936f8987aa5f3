"""What every change of a conversation begins and ends with."""

from __future__ import annotations

from typing import TypedDict

from twoway.conversations.models import Conversation
from twoway.conversations.queries.visibility import visible_to
from twoway.events.actions import Audience, notify
from twoway.lib.refusal import NotFound
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require


def lock(conversation: Conversation, *, by: Actor, right: Right) -> Conversation:
    """The conversation as it is now, locked until the transaction ends. Raises `NotAllowed`, `NotFound`."""
    require(by, right)
    locked = visible_to(by).select_for_update(no_key=True).filter(id=conversation.id).first()
    if locked is None:
        raise NotFound("conversation", conversation.id)
    return locked


def audience(conversation: Conversation) -> Audience:
    """Who may be told about it."""
    return conversation.id, conversation.team_id, conversation.assignee_id


def tell(conversation: Conversation, *, before: Audience | None = None) -> None:
    """Send the live notice: to who sees it now, and to who saw it `before`."""
    entries = [audience(conversation)] if before is None else [before, audience(conversation)]
    notify(workspace_id=conversation.workspace_id, conversations=entries)


def tell_of_contact(*, workspace_id: int, contact_id: int) -> None:
    """Send the live notice for every conversation with this person: who they are shows there."""
    rows = Conversation.objects.filter(workspace_id=workspace_id, contact_id=contact_id)
    notify(workspace_id=workspace_id, conversations=rows.values_list("id", "team_id", "assignee_id"))


def name_of(by: Actor) -> str:
    """The name a line in the thread shows; Twoway itself has none."""
    return "" if by.kind == "system" else by.name


class Ids(TypedDict):
    """The columns every event of a conversation fills."""

    workspace_id: int
    conversation_id: int
    contact_id: int
    member_id: int | None


def ids(conversation: Conversation, by: Actor | None) -> Ids:
    """The columns of an event about this conversation; without an actor, time did it."""
    return Ids(
        workspace_id=conversation.workspace_id,
        conversation_id=conversation.id,
        contact_id=conversation.contact_id,
        member_id=by.member_id if by else None,
    )
