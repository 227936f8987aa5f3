"""Making, changing and deleting queues."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from twoway.events.actions import Detail, audit
from twoway.lib.ordering import as_wished
from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.routing.models import Mode, Queue, Strategy, WhenEmpty
from twoway.routing.queries.reading import access_queue, queues
from twoway.routing.rules import HIGHEST, LOWEST
from twoway.teams.actor import Actor
from twoway.teams.queries import access_team
from twoway.teams.rules import Right, require

MOST_QUEUES = 100
LONGEST_NAME = 60
MOST_MINUTES = 7 * 24 * 60


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueWish:
    """A queue as a form gives it; what each means is said in `models.Queue`. Times are minutes, at most a week."""

    name: str
    team_id: int | None = None
    mode: str = Mode.PUSH
    strategy: str = Strategy.LEAST_BUSY
    priority: int = 3
    ageing_minutes: int = 15
    last_agent_minutes: int = 5
    skill_minutes: int | None = 10
    overflow_id: int | None = None
    is_default: bool = False
    is_active: bool = True


@transaction.atomic
def save_queue(*, wish: QueueWish, by: Actor, at: datetime, queue_id: int | None = None) -> Queue:
    """Make a queue, or change the one of this id. The first one is the default; a new default takes the place of the
    one before. Raises `NotAllowed`, `NotFound`, `Invalid`.
    """
    require(by, Right.MANAGE_TEAMS)
    old = access_queue(by, queue_id) if queue_id is not None else None
    every = Queue.objects.select_for_update().filter(workspace_id=by.workspace_id)
    if old is None and every.count() >= MOST_QUEUES:
        raise Invalid(t("Use at most {most} queues.", most=MOST_QUEUES), field="name", code="too_many_queues")
    row = old or Queue(workspace_id=by.workspace_id, created_at=at, position=_last(every))
    _fill(row, wish, by)
    others = every.exclude(pk=row.pk or 0)
    row.is_default = row.is_active and (wish.is_default or not others.filter(is_default=True).exists())
    if row.is_default:
        others.filter(is_default=True).update(is_default=False)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Invalid(t("There is a queue with this name."), field="name", code="name_taken") from None
    _record(by, "queue.changed" if old else "queue.created", row, at)
    return row


def _last(rows: QuerySet[Queue]) -> int:
    """The place after the last of those that were ordered; 0 where nobody ordered any."""
    last = max(rows.values_list("position", flat=True), default=0)
    return last + 1 if last else 0


def _fill(row: Queue, wish: QueueWish, by: Actor) -> None:
    name = " ".join(wish.name.replace("\0", "").split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(t("Name the queue, with at most {most} characters.", most=LONGEST_NAME), field="name")
    if wish.mode not in Mode.values:
        raise Invalid(t("Choose whether they are given out or taken with Next."), field="mode")
    if wish.strategy not in Strategy.values:
        raise Invalid(t("Choose who gets the next one."), field="strategy")
    check_priority(wish.priority)
    row.ageing_minutes = _minutes(wish.ageing_minutes, "ageing_minutes")
    row.last_agent_minutes = _minutes(wish.last_agent_minutes, "last_agent_minutes")
    row.skill_minutes = None if wish.skill_minutes is None else _minutes(wish.skill_minutes, "skill_minutes")
    team = None if wish.team_id is None else access_team(by, wish.team_id)
    overflow = None if wish.overflow_id is None else access_queue(by, wish.overflow_id)
    if overflow is not None and overflow.pk == row.pk:
        raise Invalid(t("Choose another queue than this one."), field="overflow")
    row.name, row.team, row.mode, row.strategy = name, team, wish.mode, wish.strategy
    row.priority, row.overflow, row.is_active = wish.priority, overflow, wish.is_active
    row.when_empty = WhenEmpty.WAIT if overflow is None else WhenEmpty.OVERFLOW


def check_priority(priority: int) -> None:
    """Raises `Invalid` for a priority that is none."""
    if not LOWEST <= priority <= HIGHEST:
        raise Invalid(t("Choose a priority from {low} to {high}.", low=LOWEST, high=HIGHEST), field="priority")


def _minutes(given: int, name: str) -> int:
    if not 0 <= given <= MOST_MINUTES:
        raise Invalid(t("Write minutes, from 0 to {most:,}.", most=MOST_MINUTES), field=name)
    return given


@transaction.atomic
def order_queues(*, queue_ids: Sequence[int], by: Actor, at: datetime) -> None:
    """Put the queues in this order where they are listed; those not named come after, as they were.

    Raises `NotAllowed`, `NotFound`.
    """
    require(by, Right.MANAGE_TEAMS)
    list(Queue.objects.select_for_update(of=("self",)).filter(workspace_id=by.workspace_id).order_by("id"))
    rows = {row.pk: row for row in queues(by)}
    for key in queue_ids:
        if key not in rows:
            access_queue(by, key)
    ordered = as_wished(rows, queue_ids)
    for position, row in enumerate(ordered, 1):
        row.position = position
    Queue.objects.bulk_update(ordered, ["position"])
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action="queue.ordered",
        subject="queues",
        data={"queues": [row.name for row in ordered]},
        at=at,
    )


@transaction.atomic
def delete_queue(*, queue: Queue, by: Actor, at: datetime, into_id: int | None = None) -> int:
    """Delete a queue and its rules; how many waited in it. They move to the queue `into_id`; without one they are
    routed anew. Raises `NotAllowed`, `NotFound`.
    """
    require(by, Right.MANAGE_TEAMS)
    queue = access_queue(by, queue.pk)
    waiting = queue.entries.filter(state="waiting")
    count = waiting.count()
    if into_id is not None:
        target = access_queue(by, into_id)
        if target.pk == queue.pk:
            raise Invalid(t("Choose another queue than this one."), field="into")
        waiting.update(queue=target, rule=None)
        if queue.is_default and target.is_active:
            Queue.objects.filter(pk=queue.pk).update(is_default=False)
            Queue.objects.filter(pk=target.pk).update(is_default=True)
    _record(by, "queue.deleted", queue, at)
    queue.delete()
    return count


def _record(by: Actor, action: str, row: Queue, at: datetime) -> None:
    data: dict[str, Detail] = {
        "name": row.name,
        "team": row.team.name if row.team else None,
        "mode": row.mode,
        "strategy": row.strategy,
        "priority": row.priority,
        "default": row.is_default,
        "active": row.is_active,
    }
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action=action,
        subject=f"queue {row.pk}",
        data=data,
        at=at,
    )
