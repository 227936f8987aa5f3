"""Making, changing and deleting the roles of a workspace. What changes applies to whoever has the role at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction

from twoway.events.actions import Detail, audit
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.lib.words import t
from twoway.teams.accounts import clean_name
from twoway.teams.actor import Actor
from twoway.teams.approvals.gate import require_second_for_powers
from twoway.teams.approvals.rules import powers
from twoway.teams.models import ApiToken, Member, Workspace
from twoway.teams.roles.models import CustomRole
from twoway.teams.rules import BASES, Right, covers, require
from twoway.teams.streams import end_streams

LONGEST_NAME = 40
MOST_ROLES = 50


@transaction.atomic
def add_role(*, by: Actor, name: str, base: str, rights: Iterable[str], at: datetime) -> CustomRole:
    """A new role. Nobody makes one with rights they lack. Raises `NotAllowed`, `Invalid`."""
    require(by, Right.MANAGE_ROLES)
    _lock(by)
    if CustomRole.objects.filter(workspace_id=by.workspace_id).count() >= MOST_ROLES:
        raise Invalid(t("A workspace has at most {most} roles of its own.", most=MOST_ROLES), field="name")
    role = CustomRole(workspace_id=by.workspace_id, created_at=at)
    _fill(role, by=by, name=name, base=base, rights=rights)
    _record(by, "role.added", role, at, base=role.base, rights=", ".join(role.rights))
    return role


@transaction.atomic
def change_role(
    *, by: Actor, role: CustomRole, name: str, base: str, rights: Iterable[str], at: datetime
) -> CustomRole:
    """Give a role another name, base or list. Raises `NotAllowed`, `Invalid`, `SecondPersonNeeded`.

    Whoever changes it has every right it had and gets, and nobody changes their own.
    """
    role = _own(by, role)
    before, had = (role.name, role.base, sorted(role.rights)), powers(role.base, role.rights)
    _fill(role, by=by, name=name, base=base, rights=rights)
    require_second_for_powers(by, before=had, after=powers(role.base, role.rights))
    if (role.name, role.base, role.rights) != before:
        Member.objects.filter(custom_role=role).update(role=role.base)
        ApiToken.objects.filter(custom_role=role).update(role=role.base)
        _tell(role)
        _record(by, "role.changed", role, at, base=role.base, before=", ".join(before[2]), after=", ".join(role.rights))
    return role


@transaction.atomic
def delete_role(*, by: Actor, role: CustomRole, at: datetime) -> int:
    """Delete a role; its members and tokens have its base then. How many members that were.

    Raises `NotAllowed`, `SecondPersonNeeded`.
    """
    role = _own(by, role)
    if not covers(by, role.base):
        raise NotAllowed(t("Its members would get a role with rights you don't have."), code="more_than_own")
    require_second_for_powers(by, before=powers(role.base, role.rights), after=powers(role.base))
    many = Member.objects.filter(custom_role=role).count()
    _tell(role)
    _record(by, "role.deleted", role, at, base=role.base, members=many)
    role.delete()
    return many


def _own(by: Actor, role: CustomRole) -> CustomRole:
    """The role as it is now, after waiting for whoever else changes roles or members of this workspace."""
    require(by, Right.MANAGE_ROLES)
    _lock(by)
    found = CustomRole.objects.filter(workspace_id=by.workspace_id, id=role.pk).first()
    if found is None:
        raise NotAllowed(t("This role is not of this workspace."))
    if by.member_id is not None and Member.objects.filter(id=by.member_id, custom_role=found).exists():
        raise NotAllowed(t("This is your own role. Somebody else has to change it."), code="own_role")
    if not covers(by, found.base, found.rights):
        raise NotAllowed(t("This role has rights you don't have."), code="more_than_own")
    return found


def _lock(by: Actor) -> None:
    Workspace.objects.select_for_update(no_key=True).get(id=by.workspace_id)


def _fill(role: CustomRole, *, by: Actor, name: str, base: str, rights: Iterable[str]) -> None:
    if base not in BASES:
        raise Invalid(t("Choose one of: {choices}.", choices=", ".join(BASES)), field="base")
    wanted = set(rights) | {Right.READ.value}
    if wanted - set(Right):
        raise Invalid(t("Choose rights from the list."), field="rights")
    if not covers(by, base, wanted):
        raise NotAllowed(t("A role can't be allowed more than you are."), code="more_than_own")
    role.name = clean_name(name, longest=LONGEST_NAME)
    role.base, role.rights = base, sorted(wanted)
    try:
        with transaction.atomic():
            role.save()
    except IntegrityError:
        raise Invalid(t("There is a role with this name."), field="name", code="name_taken") from None


def _tell(role: CustomRole) -> None:
    end_streams(role.workspace_id, Member.objects.filter(custom_role=role).values_list("id", flat=True))


def _record(by: Actor, action: str, role: CustomRole, at: datetime, **data: Detail) -> None:
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action=action,
        subject=f"role {role.pk}",
        data={"name": role.name, **data},
        at=at,
    )
