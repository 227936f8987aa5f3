"""Reading workspaces, members, teams and tokens; and finding out who somebody is."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NoReturn, TypedDict

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Lower

from twoway.lib.refusal import NotFound
from twoway.teams.actor import Actor
from twoway.teams.models import ApiToken, Member, Role, Team, User, Workspace
from twoway.teams.rules import RIGHTS, Right, held, require, sees_numbers

__all__ = [
    "TOKEN_PREFIX",
    "ApiToken",
    "Member",
    "Role",
    "Team",
    "User",
    "Workspace",
    "access_assignee",
    "access_member",
    "access_team",
    "access_token",
    "actor_of",
    "actor_of_token",
    "actor_of_user",
    "count_owners",
    "has_workspace",
    "member_may",
    "members",
    "memberships",
    "own_teams",
    "signed_in",
    "teams",
    "token_digest",
    "tokens",
    "was_member",
    "who_may",
    "workspace_of",
]

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class _Counted(TypedDict):
        member_count: int

    CountedTeam = WithAnnotations[Team, _Counted]

TOKEN_PREFIX = "tw_"  # noqa: S105 - what every token begins with
USE_IS_NOTED_EVERY = timedelta(minutes=1)


def has_workspace() -> bool:
    """Whether the first run is over."""
    return Workspace.objects.exists()


def workspace_of(actor: Actor) -> Workspace:
    """The workspace this actor is in."""
    return Workspace.objects.get(id=actor.workspace_id)


def memberships(user: User) -> list[Member]:
    """Where this user may sign in, by name of the workspace."""
    active = Member.objects.filter(user=user, is_active=True, user__is_active=True)
    return list(active.select_related("workspace", "user").order_by(Lower("workspace__name"), "id"))


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedIn:
    """A user in one workspace: the member with workspace and user, and the actor they are."""

    member: Member
    actor: Actor


def signed_in(user_id: int) -> list[SignedIn]:
    """Where this user may act now, by name of the workspace. One query, teams included."""
    active = Member.objects.filter(user_id=user_id, is_active=True, user__is_active=True)
    team_ids = ArrayAgg("teams", filter=Q(teams__isnull=False), default=[])
    rows = active.select_related("workspace", "user", "custom_role").annotate(team_ids=team_ids)
    return [
        SignedIn(member=member, actor=_actor(member, member.team_ids))
        for member in rows.order_by(Lower("workspace__name"), "id")
    ]


def was_member(user_id: int) -> bool:
    """Whether this user is or once was in a workspace: somebody switched off, and not somebody never added."""
    return Member.objects.filter(user_id=user_id).exists()


def actor_of(member: Member) -> Actor:
    """The actor this member is now. Raises `NotFound` for someone who may not sign in."""
    found = actor_of_user(user_id=member.user_id, workspace_id=member.workspace_id)
    if found is None:
        raise NotFound("member", member.pk)
    return found


def actor_of_user(*, user_id: int, workspace_id: int | None = None) -> Actor | None:
    """The actor a signed-in user is in a workspace, or in their oldest one; None when they are in none. One query."""
    rows = Member.objects.filter(user_id=user_id, is_active=True, user__is_active=True)
    rows = rows.select_related("user", "workspace", "custom_role")
    if workspace_id is not None:
        rows = rows.filter(workspace_id=workspace_id)
    team_ids = ArrayAgg("teams", filter=Q(teams__isnull=False), default=[])
    member = rows.annotate(team_ids=team_ids).order_by("id").first()
    return _actor(member, member.team_ids) if member else None


def _actor(member: Member, team_ids: Iterable[int]) -> Actor:
    return Actor(
        kind="member",
        workspace_id=member.workspace_id,
        member_id=member.pk,
        role=member.role,
        name=str(member.user),
        sees_own_teams_only=member.sees_own_teams_only,
        team_ids=frozenset(team_ids),
        sees_numbers=sees_numbers(member.role, numbers_from=member.workspace.numbers_from, rights=member.rights),
        rights=member.rights,
    )


def token_digest(raw_token: str) -> str:
    """What is kept of a token: SHA-256 in hexadecimal. A token has 256 random bits, so no salt is needed."""
    return hashlib.sha256(raw_token.encode("utf-8", "replace")).hexdigest()


def actor_of_token(raw_token: str, at: datetime) -> Actor | None:
    """The program that holds this token, or None. Its last use is noted at most once a minute.

    The look-up is by digest, so its time tells nothing about a token.
    """
    if not raw_token.startswith(TOKEN_PREFIX):
        return None
    digest = token_digest(raw_token)
    token = ApiToken.objects.filter(digest=digest, revoked_at=None).select_related("workspace", "custom_role").first()
    if token is None or not hmac.compare_digest(token.digest, digest):
        return None
    if token.last_used_at is None or token.last_used_at <= at - USE_IS_NOTED_EVERY:
        ApiToken.objects.filter(id=token.pk).update(last_used_at=at)
    return Actor(
        kind="token",
        workspace_id=token.workspace_id,
        role=token.role,
        name=token.name,
        sees_numbers=sees_numbers(token.role, numbers_from=token.workspace.numbers_from, rights=token.rights),
        rights=token.rights,
    )


def members(actor: Actor, *, with_inactive: bool = False) -> list[Member]:
    """The workspace's members with their users and teams, by name."""
    rows = Member.objects.filter(workspace_id=actor.workspace_id).select_related("user", "custom_role")
    rows = rows.prefetch_related("teams")
    if not with_inactive:
        rows = rows.filter(is_active=True, user__is_active=True)
    return sorted(rows, key=lambda member: (not member.is_active, str(member.user).casefold(), member.pk))


def member_may(member: Member, right: Right) -> bool:
    """Whether this member's role has this right."""
    return right in held(member.role, member.rights)


def who_may(right: Right) -> Q:
    """The condition on members whose role has this right."""
    built_in = Q(custom_role=None, role__in=[role for role, rights in RIGHTS.items() if right in rights])
    return built_in | Q(custom_role__rights__contains=[right.value])


def access_member(actor: Actor, member_id: int) -> Member:
    """A member of the actor's workspace, active or not. Raises `NotFound`."""
    row = Member.objects.filter(workspace_id=actor.workspace_id, id=member_id)
    return row.select_related("user", "workspace", "custom_role").first() or _missing("member", member_id)


def access_assignee(actor: Actor, member_id: int) -> Member:
    """A member a conversation can be given to: active, and one who may reply. Raises `NotFound`."""
    member = access_member(actor, member_id)
    if not member.is_active or not member.user.is_active or not member_may(member, Right.REPLY):
        raise NotFound("member who can answer", member_id)
    return member


def teams(actor: Actor) -> QuerySet[CountedTeam]:
    """The workspace's teams by name, each with `member_count`: all of them, so that work can be handed over."""
    active = Count("members", filter=Q(members__is_active=True), distinct=True)
    return Team.objects.filter(workspace_id=actor.workspace_id).annotate(member_count=active).order_by(Lower("name"))


def own_teams(actor: Actor) -> QuerySet[Team]:
    """The teams whose conversations this actor may see, by name."""
    every = Team.objects.filter(workspace_id=actor.workspace_id).order_by(Lower("name"))
    return every.filter(id__in=actor.team_ids) if actor.sees_own_teams_only else every


def access_team(actor: Actor, team_id: int) -> Team:
    """A team of the actor's workspace. Raises `NotFound`."""
    row = Team.objects.filter(workspace_id=actor.workspace_id, id=team_id)
    return row.first() or _missing("team", team_id)


def tokens(actor: Actor) -> list[ApiToken]:
    """The tokens of the workspace, newest first; revoked ones last. Raises `NotAllowed`."""
    require(actor, Right.MANAGE_TOKENS)
    rows = ApiToken.objects.filter(workspace_id=actor.workspace_id).select_related("created_by__user", "custom_role")
    return sorted(rows, key=lambda token: (token.revoked_at is not None, -token.pk))


def access_token(actor: Actor, token_id: int) -> ApiToken:
    """A token of the actor's workspace. Raises `NotAllowed`, `NotFound`."""
    require(actor, Right.MANAGE_TOKENS)
    row = ApiToken.objects.filter(workspace_id=actor.workspace_id, id=token_id)
    return row.first() or _missing("token", token_id)


def count_owners(workspace_id: int) -> int:
    """How many owners can sign in."""
    return Member.objects.filter(
        workspace_id=workspace_id, role=Role.OWNER, is_active=True, user__is_active=True
    ).count()


def _missing(what: str, key: object) -> NoReturn:
    raise NotFound(what, key)
