"""What a PATCH of a conversation asks for, as one action after the other in the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from twoway.api import problems
from twoway.api.shapes import ConversationPatch
from twoway.conversations import actions
from twoway.conversations.queries import Conversation, State
from twoway.lib.refusal import Invalid, NotFound
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require


def change_conversation(*, conversation: Conversation, patch: ConversationPatch, by: Actor, at: datetime) -> None:
    """Do everything that is asked. Raises `problems.Problem` naming the field, `Refused`."""
    given = patch.model_fields_set
    if patch.tags is not None:
        _set_tags(conversation, patch.tags, by, at)
    if "assignee_id" in given:
        with _about("assignee_id"):
            actions.assign(conversation=conversation, member_id=patch.assignee_id, by=by, at=at)
    if "team_id" in given:
        with _about("team_id"):
            actions.assign(conversation=conversation, team_id=patch.team_id, by=by, at=at)
    if patch.state is not None or "snoozed_until" in given:
        _set_state(conversation, patch, by, at)


def _set_tags(conversation: Conversation, names: list[str], by: Actor, at: datetime) -> None:
    """These tags and no others; ones the workspace does not know are made."""
    require(by, Right.TAG)
    with _about("tags"):
        kept = {actions.tag(conversation=conversation, name=name, by=by, at=at).pk for name in names}
        for tag in conversation.tags.exclude(id__in=kept):
            actions.untag(conversation=conversation, tag_id=tag.pk, by=by, at=at)


def _set_state(conversation: Conversation, patch: ConversationPatch, by: Actor, at: datetime) -> None:
    state = State(patch.state or State.SNOOZED)
    if state != State.SNOOZED:
        if patch.snoozed_until is not None:
            raise problems.invalid_field("snoozed_until", "Only a snoozed conversation has this.")
        change: Callable[..., Conversation] = actions.done if state == State.DONE else actions.reopen
        change(conversation=conversation, by=by, at=at)
        return
    with _about("snoozed_until"):
        if conversation.state == State.DONE:
            actions.reopen(conversation=conversation, by=by, at=at)
        actions.snooze(conversation=conversation, until=patch.snoozed_until, by=by, at=at)


@contextmanager
def _about(field: str) -> Iterator[None]:
    """What is wrong with a value is told by the field it stood in; so is an id that means nobody."""
    try:
        yield
    except (NotFound, Invalid) as refused:
        raise problems.invalid_field(field, refused.sentence) from None
