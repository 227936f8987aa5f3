"""Who is in a workspace, and as what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from twoway.events.actions import publish
from twoway.events.types import MemberDeactivated
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.lib.words import t
from twoway.teams.accounts import account_for, clean_name
from twoway.teams.actions.trail import record
from twoway.teams.actor import Actor
from twoway.teams.approvals.gate import require_second_for_powers
from twoway.teams.approvals.rules import powers
from twoway.teams.models import Member, Role, Team, Theme, User, Workspace
from twoway.teams.queries import count_owners
from twoway.teams.roles.queries import Chosen, built_in, choose, of
from twoway.teams.rules import Right, covers, require
from twoway.teams.sessions import end_all
from twoway.teams.streams import end_streams


@transaction.atomic
def add_member(
    *,
    by: Actor,
    email: str,
    name: str,
    role: str,
    password: str | None,
    at: datetime,
    sees_own_teams_only: bool = False,
    team_ids: Iterable[int] = (),
) -> Member:
    """Add a person. Someone who was here before comes back; an account that exists keeps its own password.

    `role` is the word of a role, such as `agent` or `role-7` for one of the workspace's own. Without a password they
    set one by "Forgot password?". Raises `NotAllowed`, `Invalid`, `SecondPersonNeeded`.
    """
    require(by, Right.MANAGE_MEMBERS)
    chosen = choose(by.workspace_id, role)
    _require_grant(by, chosen)
    user = account_for(email=email, name=name, password=password)
    if not user.is_active:
        raise Invalid(t("This account was closed."), field="email")
    member = Member.objects.select_for_update().filter(workspace_id=by.workspace_id, user=user).first()
    if member is not None and member.is_active:
        raise Invalid(t("They are a member already."), field="email", code="already_member")
    if member is None:
        member = Member(workspace_id=by.workspace_id, user=user, created_at=at)
    else:
        _require_over(by, member)
    member.role, member.custom_role = chosen.role, chosen.custom
    member.is_active, member.sees_own_teams_only = True, sees_own_teams_only
    member.save()
    member.teams.set(_teams(by, team_ids))
    require_second_for_powers(by, before=frozenset(), after=powers(chosen.role, chosen.rights))
    record(by, "member.added", f"member {member.pk}", at, email=user.email, role=_named(chosen))
    return member


@transaction.atomic
def change_role(*, by: Actor, member: Member, role: str, at: datetime) -> Member:
    """Give a member another role. There is always an owner left.

    Raises `NotAllowed`, `Invalid`, `SecondPersonNeeded`.
    """
    require(by, Right.MANAGE_MEMBERS)
    member = _lock_member(by, member)
    chosen = choose(by.workspace_id, role)
    _require_grant(by, chosen)
    if member.role_word == chosen.word:
        return member
    if member.role == Role.OWNER:
        _require_other_owner(by, member)
    had = powers(member.role, member.rights)
    before = member.role if member.custom_role is None else member.role_name
    member.role, member.custom_role = chosen.role, chosen.custom
    member.save(update_fields=["role", "custom_role"])
    require_second_for_powers(by, before=had, after=powers(chosen.role, chosen.rights))
    end_streams(by.workspace_id, [member.pk])
    record(by, "member.role_changed", f"member {member.pk}", at, before=before, after=_named(chosen))
    return member


@transaction.atomic
def limit_to_own_teams(*, by: Actor, member: Member, sees_own_teams_only: bool, at: datetime) -> Member:
    """Say whether a member sees every conversation or only their teams' and their own. Raises `NotAllowed`."""
    require(by, Right.MANAGE_MEMBERS)
    member = _lock_member(by, member)
    if member.sees_own_teams_only != sees_own_teams_only:
        member.sees_own_teams_only = sees_own_teams_only
        member.save(update_fields=["sees_own_teams_only"])
        end_streams(by.workspace_id, [member.pk])
        record(by, "member.limited", f"member {member.pk}", at, sees_own_teams_only=sees_own_teams_only)
    return member


@transaction.atomic
def deactivate_member(*, by: Actor, member: Member, at: datetime) -> Member:
    """End a membership and its live streams; what they wrote stays. There is always an owner left.

    Their sessions end too, unless the account is in another workspace. Raises `NotAllowed`, `Invalid`.
    """
    require(by, Right.MANAGE_MEMBERS)
    member = _lock_member(by, member)
    if not member.is_active:
        return member
    if member.role == Role.OWNER:
        _require_other_owner(by, member)
    member.is_active = False
    member.save(update_fields=["is_active"])
    end_streams(by.workspace_id, [member.pk])
    if not Member.objects.filter(user_id=member.user_id, is_active=True).exists():
        end_all(member.user)
    publish(MemberDeactivated(workspace_id=by.workspace_id, member_id=member.pk, by_name=by.name), at=at)
    record(by, "member.deactivated", f"member {member.pk}", at, email=member.user.email)
    return member


def _lock_member(by: Actor, member: Member) -> Member:
    """The member as it is now, after waiting for whoever else changes members of this workspace."""
    Workspace.objects.select_for_update(no_key=True).get(id=by.workspace_id)
    rows = Member.objects.select_related("user", "custom_role").filter(workspace_id=by.workspace_id, id=member.pk)
    found = rows.first()
    if found is None:
        raise NotAllowed(t("They are not a member of this workspace."))
    _require_over(by, found)
    return found


def _require_over(by: Actor, member: Member) -> None:
    """Nobody changes somebody who may do more than they."""
    _require_grant(by, built_in(member.role) if member.custom_role is None else of(member.custom_role))


def _require_grant(by: Actor, chosen: Chosen) -> None:
    if covers(by, chosen.role, chosen.rights):
        return
    if chosen.role == Role.OWNER:
        raise NotAllowed(t("Only an owner can make, change or remove an owner."), code="owners_only")
    raise NotAllowed(t("This role may do more than you."), code="more_than_own")


def _named(chosen: Chosen) -> str:
    """How the audit trail names a role."""
    return chosen.role if chosen.custom is None else chosen.name


def _require_other_owner(by: Actor, member: Member) -> None:
    if member.is_active and member.user.is_active and count_owners(by.workspace_id) <= 1:
        raise Invalid(t("This is the last owner. Make someone else an owner first."), field="role", code="last_owner")


def _teams(by: Actor, team_ids: Iterable[int]) -> list[Team]:
    wanted = set(team_ids)
    found = list(Team.objects.filter(workspace_id=by.workspace_id, id__in=wanted))
    if len(found) != len(wanted):
        raise Invalid(t("Choose teams of this workspace."), field="teams")
    return found


def set_theme(*, user: User, theme: str) -> None:
    """Light, dark, or as the device says. Raises `Invalid`."""
    if theme not in Theme.values:
        raise Invalid(t("Choose light, dark, or the same as this device."), field="theme")
    user.theme = theme
    user.save(update_fields=["theme"])


def update_profile(*, user: User, name: str, uses_single_keys: bool) -> None:
    """A person's own name and whether single letters are shortcuts. Raises `Invalid`."""
    user.name = clean_name(name, longest=80)
    user.uses_single_keys = uses_single_keys
    user.save(update_fields=["name", "uses_single_keys"])


@transaction.atomic
def sign_out_member(*, by: Actor, member: Member, at: datetime) -> Member:
    """End every session of this member, on every device. Raises `NotAllowed`."""
    require(by, Right.MANAGE_MEMBERS)
    member = _lock_member(by, member)
    end_all(member.user)
    end_streams(by.workspace_id, [member.pk])
    record(by, "member.signed_out", f"member {member.pk}", at, email=member.user.email)
    return member
