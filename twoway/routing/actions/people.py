"""Skills, how many conversations members have at once, and what holds for all queues."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction

from twoway.events.actions import Detail, audit
from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.routing.models import MemberCapacity, MemberSkill, RoutingSettings, Skill
from twoway.routing.queries.people import settings_of
from twoway.routing.queries.reading import access_skill
from twoway.teams.actor import Actor
from twoway.teams.queries import access_member
from twoway.teams.rules import Right, require

MOST_SKILLS = 100
LONGEST_SKILL = 40
MOST_AT_ONCE = 200
_RANGES = {
    "capacity": (1, MOST_AT_ONCE),
    "quiet_minutes": (0, 24 * 60),
    "away_minutes": (1, 120),
    "return_minutes": (0, 24 * 60),
}
"""The least and the most of each setting; see `models.RoutingSettings`."""


@transaction.atomic
def save_skill(*, name: str, by: Actor, at: datetime, skill_id: int | None = None) -> Skill:
    """Name a new skill, or another name for the one of this id. Raises `NotAllowed`, `NotFound`, `Invalid`."""
    require(by, Right.MANAGE_TEAMS)
    cleaned = " ".join(name.replace("\0", "").split())
    if not cleaned or len(cleaned) > LONGEST_SKILL:
        raise Invalid(t("Name the skill, with at most {most} characters.", most=LONGEST_SKILL), field="name")
    row = access_skill(by, skill_id) if skill_id is not None else Skill(workspace_id=by.workspace_id, created_at=at)
    if skill_id is None and Skill.objects.filter(workspace_id=by.workspace_id).count() >= MOST_SKILLS:
        raise Invalid(t("Use at most {most} skills.", most=MOST_SKILLS), field="name", code="too_many_skills")
    row.name = cleaned
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Invalid(t("There is a skill with this name."), field="name", code="name_taken") from None
    _record(by, "skill.saved", f"skill {row.pk}", {"name": row.name}, at)
    return row


@transaction.atomic
def delete_skill(*, skill: Skill, by: Actor, at: datetime) -> None:
    """Delete a skill; nobody has it and no rule asks for it any more. Raises `NotAllowed`, `NotFound`."""
    require(by, Right.MANAGE_TEAMS)
    skill = access_skill(by, skill.pk)
    _record(by, "skill.deleted", f"skill {skill.pk}", {"name": skill.name}, at)
    skill.delete()


@transaction.atomic
def set_skills(*, member_id: int, levels: Mapping[int, int], by: Actor, at: datetime) -> None:
    """Say what a member can, as {skill: level from 1 to 5}, in place of what was said before.

    Raises `NotAllowed`, `NotFound`, `Invalid`.
    """
    require(by, Right.MANAGE_TEAMS)
    member = access_member(by, member_id)
    names = [access_skill(by, key).name for key in levels]
    if any(not 1 <= level <= 5 for level in levels.values()):
        raise Invalid(t("Choose a level from 1 to 5."), field="skills")
    MemberSkill.objects.filter(member=member).delete()
    MemberSkill.objects.bulk_create(
        [MemberSkill(member=member, skill_id=key, level=level) for key, level in levels.items()]
    )
    told = [f"{name} {level}" for name, level in zip(names, levels.values(), strict=True)]
    _record(by, "member.skills", f"member {member.pk}", {"name": str(member), "skills": told}, at)


@transaction.atomic
def set_capacity(*, member_id: int, capacity: int | None, by: Actor, at: datetime) -> None:
    """Say how many conversations a member has at once; 0 gives them none, None is the workspace's number.

    Raises `NotAllowed`, `NotFound`, `Invalid`.
    """
    require(by, Right.MANAGE_TEAMS)
    member = access_member(by, member_id)
    if capacity is not None and not 0 <= capacity <= MOST_AT_ONCE:
        raise Invalid(t("Write a number from 0 to {most}.", most=MOST_AT_ONCE), field="capacity")
    MemberCapacity.objects.update_or_create(member=member, defaults={"capacity": capacity})
    _record(by, "member.capacity", f"member {member.pk}", {"name": str(member), "capacity": capacity}, at)


@transaction.atomic
def change_settings(*, changes: Mapping[str, int], by: Actor, at: datetime) -> RoutingSettings:
    """Change what holds for all queues; names and ranges are those of `models.RoutingSettings`.

    Raises `NotAllowed`, `Invalid`.
    """
    require(by, Right.MANAGE_TEAMS)
    row = settings_of(by.workspace_id)
    for name, value in changes.items():
        if name not in _RANGES:
            raise Invalid(t("There is no such setting."), field=name)
        low, high = _RANGES[name]
        if not low <= value <= high:
            raise Invalid(t("Write a number from {low} to {high}.", low=low, high=high), field=name)
        setattr(row, name, value)
    row.save()
    _record(by, "routing.changed", "routing", dict(changes), at)
    return row


def _record(by: Actor, action: str, subject: str, data: Mapping[str, Detail], at: datetime) -> None:
    audit(workspace_id=by.workspace_id, actor=by.audit_name, action=action, subject=subject, data=data, at=at)
