"""Handing a conversation over: to whom, a note for all to read, and a summary for who gets it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from twoway.compliance.shield.rules import redact
from twoway.conversations.actions.additions import NOT_NOTED, add_note
from twoway.conversations.actions.changing import lock
from twoway.conversations.actions.holders import UNCHANGED, assign
from twoway.conversations.models import Conversation
from twoway.conversations.together.models import Handover
from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

LONGEST_SUMMARY = 4_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Handed:
    """A conversation in other hands; `untold` are those the note names who can't see it."""

    conversation: Conversation
    untold: tuple[str, ...] = ()


@transaction.atomic
def hand_over(
    *,
    conversation: Conversation,
    by: Actor,
    at: datetime,
    member_id: int | None = None,
    team_id: int | None = None,
    note: str = "",
    summary: str = "",
) -> Handed:
    """Give it to a member, or to a team and nobody in it, with a note for all to read and a summary for who gets it.

    Raises `NotAllowed`, `NotFound`, and `Invalid` when nobody is named or they have it already.
    """
    require(by, Right.ASSIGN)
    if (member_id is None) == (team_id is None):
        raise Invalid(t("Choose who gets it."), field="who")
    conversation = lock(conversation, by=by, right=Right.ASSIGN)
    has_it = conversation.assignee_id == member_id if member_id else _is_with_team(conversation, team_id)
    if has_it:
        raise Invalid(t("They have it already."), field="who", code="has_it_already")
    text = _clean(summary)
    written = add_note(conversation=conversation, body=note, by=by, at=at) if note.strip() else None
    given = assign(
        conversation=conversation,
        member_id=member_id,
        team_id=UNCHANGED if team_id is None else team_id,
        note_id=written.pk if written else None,
        by=by,
        at=at,
    )
    if text:
        _keep(given, text, member_id=member_id, team_id=team_id, by=by, at=at)
    return Handed(conversation=given, untold=written.untold if written else ())


def _is_with_team(conversation: Conversation, team_id: int | None) -> bool:
    return conversation.team_id == team_id and conversation.assignee_id is None


@transaction.atomic
def pick_up(*, conversation: Conversation, summary: str, by: Actor, at: datetime) -> None:
    """Keep a summary for the member who just took it. Raises `NotAllowed`, `NotFound`, `Invalid`."""
    conversation = lock(conversation, by=by, right=Right.ASSIGN)
    text = _clean(summary)
    if text and by.member_id is not None:
        _keep(conversation, text, member_id=by.member_id, team_id=None, by=None, at=at)


@transaction.atomic
def leave(*, conversation: Conversation, summary: str, by: Actor, at: datetime) -> None:
    """Keep a summary for whoever gets it next, when nobody is named. Raises `NotAllowed`, `NotFound`, `Invalid`."""
    conversation = lock(conversation, by=by, right=Right.ASSIGN)
    text = _clean(summary)
    if text:
        _keep(conversation, text, member_id=None, team_id=None, by=by, at=at)


def _keep(
    conversation: Conversation,
    text: str,
    *,
    member_id: int | None,
    team_id: int | None,
    by: Actor | None,
    at: datetime,
) -> None:
    Handover.objects.filter(conversation=conversation, dismissed_at=None).update(dismissed_at=at)
    Handover.objects.create(
        conversation=conversation,
        member_id=member_id,
        team_id=team_id,
        by_id=by.member_id if by else None,
        by_name=by.name[:80] if by else "",
        summary=text,
        at=at,
    )


def _clean(summary: str) -> str:
    text = redact(summary.replace("\0", "").replace("\r\n", "\n").strip(), kinds=NOT_NOTED)[0]
    if len(text) > LONGEST_SUMMARY:
        raise Invalid(t("Use at most {most:,} characters.", most=LONGEST_SUMMARY), field="summary")
    return text
