"""Menus: who could have it, until when, which tags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta

from django.utils import timezone

from twoway.conversations.queries import Conversation, Tag
from twoway.desk.builders import chips
from twoway.desk.context import (
    AssignMenu,
    MemberChoice,
    SnoozeChoice,
    SnoozeMenu,
    TagChoice,
    TagMenu,
    TeamChoice,
    Toast,
)
from twoway.desk.words import until_words
from twoway.lib.words import t, tn
from twoway.teams.queries import Member, member_may
from twoway.teams.rules import Right

MORNING = time(8)
_MONDAY = 0


def can_answer(member: Member) -> bool:
    """Whether this member can be given work."""
    return member_may(member, Right.REPLY)


def assign_menu(
    conversation: Conversation,
    *,
    members: Sequence[chips.Named],
    teams: Iterable[tuple[int, str]],
    open_counts: Mapping[int, int],
    me: int | None,
    is_followed: bool = False,
    trail: str = "",
) -> AssignMenu:
    """Whoever looks comes first, then the others by name."""
    choices = [
        MemberChoice(
            member=chips.member_chip(member),
            open_count=open_counts.get(member.pk, 0),
            is_me=member.pk == me,
            is_current=member.pk == conversation.assignee_id,
        )
        for member in members
    ]
    return AssignMenu(
        conversation_id=conversation.pk,
        members=tuple(sorted(choices, key=lambda choice: not choice.is_me)),
        teams=tuple(TeamChoice(id=key, name=name, is_current=key == conversation.team_id) for key, name in teams),
        is_assigned=conversation.assignee_id is not None,
        is_followed=is_followed,
        trail=trail,
    )


def snooze_menu(conversation_id: int, *, now: datetime, error: str = "") -> SnoozeMenu:
    """The times one mostly wants, in the workspace's time zone, and any other."""
    return SnoozeMenu(
        conversation_id=conversation_id,
        choices=snooze_choices(timezone.localtime(now)),
        earliest=now + timedelta(minutes=1),
        error=error,
    )


def snooze_choices(local: datetime) -> tuple[SnoozeChoice, ...]:
    """In an hour, tomorrow, Monday, or when they reply. On a Sunday, Monday is tomorrow, so it is the one after."""
    tomorrow = _morning(local, days=1)
    ahead = (_MONDAY - local.weekday()) % 7 or 7
    monday = _morning(local, days=ahead if ahead > 1 else ahead + 7)
    hour = (local.astimezone(UTC) + timedelta(hours=1)).astimezone(local.tzinfo)
    label = t("Monday") if ahead > 1 else t("Next Monday")
    return (
        SnoozeChoice(label=t("In 1 hour"), until=hour, words=until_words(hour, now=local)),
        SnoozeChoice(label=t("Tomorrow"), until=tomorrow, words=until_words(tomorrow, now=local), icon="sun"),
        SnoozeChoice(label=label, until=monday, words=until_words(monday, now=local), icon="cal"),
        SnoozeChoice(label=t("Until they reply"), until=None, icon="sms"),
    )


def _morning(local: datetime, *, days: int) -> datetime:
    """Eight o'clock there, `days` from now, whatever the clocks did in between."""
    return datetime.combine(local.date() + timedelta(days=days), MORNING, tzinfo=local.tzinfo)


def tag_menu(conversation: Conversation, tags: Iterable[Tag], *, error: str = "") -> TagMenu:
    """Every tag, and whether it is on."""
    worn = {tag.pk for tag in conversation.tags.all()}
    choices = tuple(TagChoice(tag=chips.tag_chip(tag), is_on=tag.pk in worn) for tag in tags)
    return TagMenu(conversation_id=conversation.pk, tags=choices, error=error)


def untold_toast(names: Sequence[str]) -> Toast:
    """What is said when a note names somebody who can't see the conversation."""
    who = names[0] if len(names) == 1 else t("{names} and {name}", names=", ".join(names[:-1]), name=names[-1])
    words = tn(
        "{names} can't see this conversation, so your note didn't tell them.",
        "{names} can't see this conversation, so your note didn't tell them.",
        len(names),
        names=who,
    )
    return Toast(words=words)
