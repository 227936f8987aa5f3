"""Handing a conversation over by hand, also to a manager or into a queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import transaction

from twoway.conversations import actions as conversations
from twoway.conversations.actions.handing import leave
from twoway.conversations.models import Conversation
from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.routing import actions as routing
from twoway.routing.escalation import queries, rules
from twoway.routing.queries import access_queue
from twoway.teams.actor import Actor
from twoway.teams.queries import access_member

Kind = Literal["member", "team", "manager", "queue"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Transferred:
    """Who has it now, by name; `untold` are those the note names who can't see it."""

    conversation: Conversation
    to: str
    untold: tuple[str, ...] = ()


@transaction.atomic
def transfer(
    *,
    conversation: Conversation,
    kind: Kind,
    by: Actor,
    at: datetime,
    key: int | None = None,
    note: str = "",
    summary: str = "",
) -> Transferred:
    """Give it to a member, a team or a queue by its id, or to whichever manager is there and has the least to do.

    The note stands in the thread for all, the summary above it for whoever gets it. A queue keeps how long they have
    waited. Raises `NotAllowed`, `NotFound`, and `Invalid` when nobody is named, has it already or could have it.
    """
    if kind == "queue":
        return _into_queue(conversation, key, note=note, summary=summary, by=by, at=at)
    if kind == "manager":
        but = {one for one in (by.member_id, conversation.assignee_id) if one}
        chosen = rules.choose_manager(queries.managers(by.workspace_id, at), but=but)
        if chosen is None:
            raise Invalid(t("There is no other manager who could take it."), field="who", code="no_manager")
        key = chosen.id
    is_team = kind == "team"
    handed = conversations.hand_over(
        conversation=conversation,
        member_id=None if is_team else key,
        team_id=key if is_team else None,
        note=note,
        summary=summary,
        by=by,
        at=at,
    )
    team = handed.conversation.team
    to = (team.name if team else "") if is_team else str(access_member(by, key or 0))
    return Transferred(conversation=handed.conversation, to=to, untold=handed.untold)


def _into_queue(
    conversation: Conversation, key: int | None, *, note: str, summary: str, by: Actor, at: datetime
) -> Transferred:
    if key is None:
        raise Invalid(t("Choose who gets it."), field="who")
    queue = access_queue(by, key)
    written = None
    if note.strip():
        written = conversations.add_note(conversation=conversation, body=note, by=by, at=at)
    leave(conversation=conversation, summary=summary, by=by, at=at)
    routing.put(conversation=conversation, queue_id=queue.pk, by=by, at=at)
    return Transferred(conversation=conversation, to=queue.name, untold=written.untold if written else ())
