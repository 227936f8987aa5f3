"""Reading what members do together: who may be named, who was, who follows, handovers, who may answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from twoway.conversations.models import Conversation
from twoway.conversations.together.models import Follower, Handover, Mention, UnseenMention
from twoway.conversations.together.rules import Kind, Somebody, Stretch, handles, trail
from twoway.events.models import Event
from twoway.lib.words import noted, t
from twoway.teams.actor import Actor
from twoway.teams.models import Member
from twoway.teams.queries import members, teams

__all__ = [
    "Handover",
    "Mention",
    "Offer",
    "count_unseen_mentions",
    "followers",
    "follows",
    "handover_for",
    "held_by",
    "may_see",
    "mentioned",
    "mentioned_unseen",
    "mentions_of",
    "offers",
    "unseen_mentions",
]

CANT_SEE = noted("Can't see this conversation")


def mentioned(actor: Actor) -> Q:
    """A condition for conversations: a note names this actor or one of their teams."""
    mine = Mention.objects.filter(_to(actor), conversation_id=OuterRef("pk"))
    return Q(Exists(mine))


def mentioned_unseen(actor: Actor) -> Q:
    """The same, and they have not opened it since."""
    waiting = UnseenMention.objects.filter(member_id=actor.member_id or 0, conversation_id=OuterRef("pk"))
    return Q(Exists(waiting))


def count_unseen_mentions(actor: Actor) -> int:
    """In how many conversations that they may still see somebody named them and they have not looked. One query."""
    return len(unseen_mentions(actor))


def unseen_mentions(actor: Actor) -> frozenset[int]:
    """The ids of those conversations."""
    if actor.member_id is None:
        return frozenset()
    rows = UnseenMention.objects.filter(member_id=actor.member_id)
    if actor.sees_own_teams_only:
        rows = rows.filter(
            Q(conversation__team_id__in=sorted(actor.team_ids)) | Q(conversation__assignee_id=actor.member_id)
        )
    return frozenset(rows.values_list("conversation_id", flat=True))


def _to(actor: Actor) -> Q:
    return Q(member_id=actor.member_id or 0) | Q(team_id__in=sorted(actor.team_ids))


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """Somebody a note may name: what to write behind the @, and why not where they can't be told."""

    kind: Kind
    id: int
    name: str
    called: tuple[str, ...]
    why_not: str = ""
    member_ids: tuple[int, ...] = ()
    """Who would be told: the member, or those of the team who may see it."""

    @property
    def handle(self) -> str:
        """What to write behind the @."""
        return self.called[0]


def may_see(member: Member, team_ids: Iterable[int], conversation: Conversation) -> bool:
    """Whether a member sees this conversation: as `visibility.visible_condition` says, for a row at hand."""
    if not member.sees_own_teams_only or conversation.assignee_id == member.pk:
        return True
    return conversation.team_id is not None and conversation.team_id in set(team_ids)


def offers(actor: Actor, conversation: Conversation) -> list[Offer]:
    """Everybody of the workspace a note could name, members by name and then teams; three queries."""
    people = members(actor)
    groups = list(teams(actor).values_list("id", "name"))
    of_member = {one.pk: [team.pk for team in one.teams.all()] for one in people}
    seeing = {one.pk for one in people if may_see(one, of_member[one.pk], conversation)}
    everybody = [Somebody(kind="member", id=one.pk, name=str(one), email=one.user.email) for one in people]
    everybody += [Somebody(kind="team", id=key, name=name) for key, name in groups]
    called = handles(everybody)
    return [
        _offer(one, called[one.kind, one.id], _told(one, people=people, of_member=of_member, seeing=seeing))
        for one in everybody
    ]


def _told(
    one: Somebody, *, people: Sequence[Member], of_member: dict[int, list[int]], seeing: set[int]
) -> tuple[int, ...]:
    if one.kind == "member":
        return (one.id,) if one.id in seeing else ()
    return tuple(person.pk for person in people if person.pk in seeing and one.id in of_member[person.pk])


def _offer(one: Somebody, called: tuple[str, ...], told: tuple[int, ...]) -> Offer:
    why_not = "" if told else t("Nobody in it can see this") if one.kind == "team" else t(CANT_SEE)
    return Offer(kind=one.kind, id=one.id, name=one.name, called=called, why_not=why_not, member_ids=told)


def mentions_of(note_ids: Iterable[int]) -> dict[int, list[Mention]]:
    """Who these notes name, by note, in order."""
    found: dict[int, list[Mention]] = {}
    keys = list(note_ids)
    if not keys:
        return found
    for row in Mention.objects.filter(note_id__in=keys).order_by("note_id", "start"):
        found.setdefault(row.note_id, []).append(row)
    return found


def follows(actor: Actor, conversation_id: int) -> bool:
    """Whether this member follows it."""
    return Follower.objects.filter(conversation_id=conversation_id, member_id=actor.member_id or 0).exists()


def followers(conversation: Conversation) -> list[Member]:
    """Who follows it and may see it, active members only."""
    rows = Member.objects.filter(
        id__in=Follower.objects.filter(conversation=conversation).values("member_id"),
        workspace_id=conversation.workspace_id,
        is_active=True,
        user__is_active=True,
    )
    found = rows.select_related("user").prefetch_related("teams").order_by("id")
    return [one for one in found if may_see(one, (team.pk for team in one.teams.all()), conversation)]


def handover_for(actor: Actor, conversation: Conversation) -> Handover | None:
    """What this member should know of a conversation they have or may take, until they dismiss it.

    A query only for whoever has it, and for the team of one that nobody has.
    """
    is_theirs = conversation.assignee_id is not None and conversation.assignee_id == actor.member_id
    is_open = conversation.assignee_id is None and conversation.team_id in actor.team_ids
    if not (is_theirs or is_open):
        return None
    newest = Handover.objects.filter(conversation_id=conversation.pk).order_by("-id").first()
    if newest is None or newest.dismissed_at is not None:
        return None
    is_for_anyone = newest.member_id is None and (newest.team_id is None or newest.team_id in actor.team_ids)
    return newest if is_for_anyone or newest.member_id == actor.member_id else None


MOST_CHANGES = 200
_TRAIL = ("conversation_assigned", "conversation_unassigned")


def held_by(conversation: Conversation, *, since: datetime | None, at: datetime) -> tuple[Stretch, ...]:
    """Who had it and for how long, in order, since a moment or since it began; the last `MOST_CHANGES` changes."""
    rows = Event.objects.filter(conversation_id=conversation.pk, is_shown=True, type__in=_TRAIL)
    found = rows.order_by("-id").values_list("at", "type", "data")[:MOST_CHANGES]
    changes = [
        (when, str(data["assignee_name"]) if kind == _TRAIL[0] else "")
        for when, kind, data in reversed(found)
        if data.get("assignee_id") is not None
    ]
    return trail(changes, since=since, at=at)
