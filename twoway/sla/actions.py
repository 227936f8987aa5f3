"""Writing policies, and asking again later for a quiet conversation to be closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta

from django.db import transaction

from twoway.channels.models import Channel
from twoway.contacts.audiences.models import Audience
from twoway.conversations.actions.changing import lock, tell
from twoway.conversations.models import Conversation
from twoway.lib.refusal import Invalid
from twoway.lib.words import noted, t
from twoway.sla import adopting
from twoway.sla.models import Clock, Policy
from twoway.sla.queries import rule_for
from twoway.sla.rules import put_off
from twoway.sla.tracking import running_of
from twoway.teams.actions.trail import record
from twoway.teams.actor import Actor
from twoway.teams.models import Team, Workspace
from twoway.teams.rules import Right, require

LONGEST = 60 * 24 * 60
"""Minutes: two months."""
LONGEST_GOAL = 7 * 24 * 60
LONGEST_QUIET = 60 * 24
LONGEST_NAME = 60
MOST_POLICIES = 50
STEPS: dict[str, str] = {
    "holder": noted("Tell who has it"),
    "team": noted("Tell their team"),
    "managers": noted("Tell managers"),
    "priority": noted("Raise its priority in the queue"),
    "queue": noted("Put it back into its queue"),
    "escalate": noted("Give it to a manager"),
}
"""What a warning or a breach does, by name; `reactions.py` says who does it."""
DEFAULT_NAME = "Everybody else"
LATER = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """A policy as it should be; `models.Policy` explains the fields. Ids are those of the workspace."""

    name: str
    is_on: bool = True
    channel_ids: Sequence[int] = ()
    team_ids: Sequence[int] = ()
    audience_id: int | None = None
    first_minutes: int | None = 240
    first_warn: int | None = 60
    next_minutes: int | None = 120
    next_warn: int | None = 10
    resolution_minutes: int | None = None
    resolution_warn: int | None = None
    same_day: bool = False
    wrap_up_hours: int | None = 24
    in_hours: bool = True
    pauses_snoozed: bool = False
    programs_count: bool = False
    on_warn: Sequence[str] = field(default=("holder",))
    on_breach: Sequence[str] = field(default=("holder", "managers"))


_PLAIN = tuple(
    one.name
    for one in fields(Wish)
    if one.name not in {"channel_ids", "team_ids", "audience_id", "on_warn", "on_breach"}
)


def ensure_default(workspace_id: int, *, at: datetime) -> Policy:
    """The default policy of a workspace; made, and off, where there is none yet."""
    wish = Wish(name=DEFAULT_NAME, is_on=False)
    plain = {name: getattr(wish, name) for name in _PLAIN}
    row, _ = Policy.objects.get_or_create(
        workspace_id=workspace_id,
        is_default=True,
        defaults={**plain, "on_warn": list(wish.on_warn), "on_breach": list(wish.on_breach), "changed_at": at},
    )
    return row


@transaction.atomic
def create_policy(*, wish: Wish, by: Actor, at: datetime) -> Policy:
    """A further policy, after those there are. Raises `NotAllowed`, `Invalid`."""
    _locked(by)
    ensure_default(by.workspace_id, at=at)
    own = Policy.objects.filter(workspace_id=by.workspace_id, is_default=False)
    if own.count() >= MOST_POLICIES:
        raise Invalid(t("There is room for {most} policies.", most=MOST_POLICIES))
    last = own.order_by("-position").values_list("position", flat=True).first()
    row = _put(
        Policy(workspace_id=by.workspace_id, position=(last or 0) + 1, changed_at=at),
        wish,
        by=by,
        at=at,
        action="clock_policy.created",
    )
    adopting.settle_first(by.workspace_id, at=at)
    return row


@transaction.atomic
def change_policy(*, policy: Policy, wish: Wish, by: Actor, at: datetime) -> Policy:
    """What a policy promises from now on; clocks that run are set anew. Raises `NotAllowed`, `Invalid`."""
    _locked(by)
    row = _put(policy, wish, by=by, at=at, action="clock_policy.changed")
    adopting.settle_first(by.workspace_id, at=at)
    return row


@transaction.atomic
def delete_policy(*, policy: Policy, by: Actor, at: datetime) -> None:
    """Remove a policy; what it counted goes on with the next one that fits. Raises `NotAllowed`, `Invalid`."""
    _locked(by)
    if policy.is_default:
        raise Invalid(t("The last policy stays. Switch it off instead."), code="is_default")
    key, name = policy.pk, policy.name
    policy.delete()
    Policy.objects.filter(workspace_id=by.workspace_id, is_default=True).update(changed_at=at, settled_at=None)
    adopting.settle_first(by.workspace_id, at=at)
    record(by, "clock_policy.deleted", f"clock policy {key}", at, name=name)


@transaction.atomic
def move_policy(*, policy: Policy, up: bool, by: Actor, at: datetime) -> None:
    """One place up or down; the first that fits counts, and the default one stays last. Raises `NotAllowed`."""
    _locked(by)
    rows = list(Policy.objects.filter(workspace_id=by.workspace_id, is_default=False).order_by("position", "id"))
    place = next((n for n, row in enumerate(rows) if row.pk == policy.pk), None)
    other = None if place is None else place + (-1 if up else 1)
    if place is None or other is None or not 0 <= other < len(rows):
        return
    rows[place], rows[other] = rows[other], rows[place]
    for number, row in enumerate(rows, 1):
        Policy.objects.filter(id=row.pk).update(position=number, changed_at=at)
    record(by, "clock_policy.moved", f"clock policy {policy.pk}", at, name=policy.name, up=up)


@transaction.atomic
def set_goal(*, by: Actor, minutes: int | None, at: datetime) -> None:
    """Within how many minutes a customer should be answered by the default policy, which this switches on; None
    switches it off. Raises `NotAllowed`, `Invalid`."""
    _locked(by)
    if minutes is not None and not 1 <= minutes <= LONGEST_GOAL:
        raise Invalid(t("Choose between a minute and seven days."), field="minutes")
    row = ensure_default(by.workspace_id, at=at)
    if (row.next_minutes if row.is_on else None) == minutes:
        return
    row.is_on = minutes is not None
    if minutes is not None:
        if row.first_minutes is None or row.first_minutes < minutes or row.settled_at is None:
            row.first_minutes, row.first_warn = minutes, _soon(minutes)
        row.next_minutes, row.next_warn = minutes, _soon(minutes)
    row.changed_at, row.settled_at = at, None
    row.save()
    adopting.settle_first(by.workspace_id, at=at)
    record(by, "clock_policy.changed", f"clock policy {row.pk}", at, name=row.name, next_minutes=minutes)


def _soon(minutes: int) -> int | None:
    """A warning at two thirds of a goal."""
    return max(1, minutes * 2 // 3) if minutes > 1 else None


@transaction.atomic
def remind_later(*, conversation: Conversation, by: Actor, at: datetime) -> None:
    """Ask again for a quiet conversation to be closed when it has been quiet for as long once more. Raises
    `NotAllowed`, `NotFound`."""
    conversation = lock(conversation, by=by, right=Right.REPLY)
    row = Clock.objects.select_for_update().filter(conversation=conversation, kind="wrap_up", ended_at=None).first()
    if row is None:
        return
    rule = rule_for(conversation, at=at)
    quiet = rule.terms.wrap_up if rule is not None else None
    later = put_off(running_of(row), at=at, seconds=quiet or LATER.total_seconds())
    row.started_at, row.since, row.due_at = later.started_at, later.since, later.due_at
    row.breached_at = row.warned_at = None
    row.save(update_fields=["started_at", "since", "due_at", "breached_at", "warned_at"])
    tell(conversation)


def look_again(*, conversation_ids: Sequence[int], at: datetime) -> None:
    """Set the clocks of conversations by how they stand now, after something that no event tells of."""
    adopting.look_again(conversation_ids, at=at)


# Checking -------------------------------------------------------------------------------------------------------------


def _locked(by: Actor) -> None:
    require(by, Right.MANAGE_WORKSPACE)
    Workspace.objects.select_for_update(no_key=True).get(id=by.workspace_id)


def _put(row: Policy, wish: Wish, *, by: Actor, at: datetime, action: str) -> Policy:
    """Check a wish, and keep it. What is for somebody stays away from the default one."""
    values = {name: getattr(wish, name) for name in _PLAIN}
    values["name"] = _name(wish.name)
    for name in ("first", "next", "resolution"):
        _check_goal(name, values[f"{name}_minutes"], values[f"{name}_warn"])
    quiet = wish.wrap_up_hours
    if quiet is not None and not 1 <= quiet <= LONGEST_QUIET:
        raise Invalid(t("Choose between an hour and two months."), field="wrap_up_hours")
    for name in ("on_warn", "on_breach"):
        chosen = getattr(wish, name)
        if not set(chosen) <= set(STEPS):
            raise Invalid(t("Choose among what is offered."), field=name)
        values[name] = [step for step in STEPS if step in chosen]
    was_on = not row._state.adding and row.is_on
    for name, value in values.items():
        setattr(row, name, value)
    row.changed_at = at
    if not was_on or not row.is_on:
        row.settled_at = None
    if row.is_default:
        row.save()
    else:
        _aim(row, wish, by)
    told = {name: values[name] for name in ("name", "is_on", "first_minutes", "next_minutes", "resolution_minutes")}
    record(by, action, f"clock policy {row.pk}", at, **told)
    return row


def _aim(row: Policy, wish: Wish, by: Actor) -> None:
    """Keep what a policy is for. Raises `Invalid` for what is not of this workspace."""
    channels = Channel.objects.filter(workspace_id=by.workspace_id, id__in=list(wish.channel_ids))
    teams = Team.objects.filter(workspace_id=by.workspace_id, id__in=list(wish.team_ids))
    if len(channels) != len(set(wish.channel_ids)):
        raise Invalid(t("Choose among the numbers of this workspace."), field="channels")
    if len(teams) != len(set(wish.team_ids)):
        raise Invalid(t("Choose among the teams of this workspace."), field="teams")
    if wish.audience_id is not None and not _has_audience(wish.audience_id, by):
        raise Invalid(t("Choose among the audiences of this workspace."), field="audience")
    row.audience_id, row.is_for_audience = wish.audience_id, wish.audience_id is not None
    row.save()
    row.channels.set(channels)
    row.teams.set(teams)


def _has_audience(audience_id: int, by: Actor) -> bool:
    return Audience.objects.filter(workspace_id=by.workspace_id, id=audience_id).exists()


def _name(typed: str) -> str:
    name = " ".join(typed.replace("\0", "").split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(t("Use between 1 and {most} characters.", most=LONGEST_NAME), field="name")
    return name


def _check_goal(name: str, minutes: int | None, warn: int | None) -> None:
    if minutes is not None and not 1 <= minutes <= LONGEST:
        raise Invalid(t("Choose between a minute and two months."), field=f"{name}_minutes")
    if warn is None:
        return
    if minutes is None:
        raise Invalid(t("A warning needs a goal."), field=f"{name}_warn")
    if not 1 <= warn < minutes:
        raise Invalid(t("The warning comes before the goal."), field=f"{name}_warn")
