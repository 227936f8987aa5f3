"""Who holds a conversation: a member, a team, both or nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import Enum
from typing import Any, Literal

from django.db import transaction

from twoway.conversations.actions.changing import audience, ids, lock, name_of, tell
from twoway.conversations.models import Conversation, State
from twoway.conversations.together.noting import follow_many
from twoway.events.actions import Audience, notify, publish, publish_many
from twoway.events.types import ConversationAssigned, ConversationUnassigned
from twoway.teams.actor import Actor
from twoway.teams.models import Member, Team
from twoway.teams.queries import access_assignee, access_team
from twoway.teams.rules import Right


class Unchanged(Enum):
    """Says that one of the two stays as it is."""

    UNCHANGED = 0


UNCHANGED: Literal[Unchanged.UNCHANGED] = Unchanged.UNCHANGED
Choice = int | None | Literal[Unchanged.UNCHANGED]
"""An id, None for nobody, or `UNCHANGED`."""


@transaction.atomic
def assign(
    *,
    conversation: Conversation,
    by: Actor,
    at: datetime,
    member_id: Choice = UNCHANGED,
    team_id: Choice = UNCHANGED,
    note_id: int | None = None,
    why: str = "",
    queue_name: str = "",
) -> Conversation:
    """Give it to a member, to a team, or to nobody (None). What is not named stays.

    Whoever had it follows it from then on. `note_id` is a note in it that says why: both are one line. `why` and
    `queue_name` are those of `Gift`.
    Raises `NotAllowed`, and `NotFound` for someone who can't answer.
    """
    conversation = lock(conversation, by=by, right=Right.ASSIGN)
    before = audience(conversation)
    members = teams = None
    if member_id is not UNCHANGED and member_id != conversation.assignee_id:
        new_member = None if member_id is None else access_assignee(by, member_id)
        members = (conversation.assignee, new_member)
        conversation.assignee = new_member
    if team_id is not UNCHANGED and team_id != conversation.team_id:
        new_team = None if team_id is None else access_team(by, team_id)
        teams = (conversation.team, new_team)
        conversation.team = new_team
    if members is None and teams is None:
        return conversation
    conversation.save(update_fields=["assignee", "team"])
    if members is not None and members[0] is not None:
        follow_many(conversation_id=conversation.pk, member_ids=[members[0].pk], at=at)
    reason = {"note_id": note_id, "why": why, "queue_name": queue_name}
    _publish(conversation, members or (None, None), teams or (None, None), by, at, reason)
    tell(conversation, before=before)
    return conversation


def _publish(
    conversation: Conversation,
    members: tuple[Member | None, Member | None],
    teams: tuple[Team | None, Team | None],
    by: Actor,
    at: datetime,
    reason: Mapping[str, Any],
) -> None:
    """One line for what was given, and one for what was taken without being given on. Pairs are (before, after)."""
    for event, member, team in (
        (ConversationAssigned, members[1], teams[1]),
        (ConversationUnassigned, None if members[1] else members[0], None if teams[1] else teams[0]),
    ):
        if member is not None or team is not None:
            line = event(
                **ids(conversation, by),
                assignee_id=member.pk if member else None,
                assignee_name=str(member) if member else "",
                team_id=team.pk if team else None,
                team_name=team.name if team else "",
                by_name=name_of(by),
            )
            publish(replace(line, **reason) if isinstance(line, ConversationAssigned) else line, at=at)


@transaction.atomic
def release(*, workspace_id: int, member_id: int, at: datetime, by_name: str = "") -> int:
    """Give back what a member who left still holds, so that it is unassigned and not lost; how many there were.

    Done ones keep their name. A reaction to `MemberDeactivated`.
    """
    rows = Conversation.objects.filter(workspace_id=workspace_id, assignee_id=member_id).exclude(state=State.DONE)
    held = list(rows.select_for_update(no_key=True).order_by("id"))
    if not held:
        return 0
    name = str(Member.objects.select_related("user").get(id=member_id))
    Conversation.objects.filter(id__in=[row.id for row in held]).update(assignee=None)
    publish_many(
        [
            ConversationUnassigned(
                workspace_id=workspace_id,
                conversation_id=row.id,
                contact_id=row.contact_id,
                assignee_id=member_id,
                assignee_name=name,
                by_name=by_name,
            )
            for row in held
        ],
        at=at,
    )
    told: list[Audience] = []
    for row in held:
        told += [audience(row), (row.id, row.team_id, None)]
    notify(workspace_id=workspace_id, conversations=told)
    return len(held)
