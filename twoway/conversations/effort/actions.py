"""Taking down the time members spent, and switching it off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import connection, transaction

from twoway.conversations.effort.models import Effort, EffortClock, EffortSwitch
from twoway.conversations.effort.queries import today, workspace_measures
from twoway.conversations.effort.rules import KEPT, Spent, credited
from twoway.conversations.queries.visibility import visible_to
from twoway.events.actions import audit
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

MOST_CONVERSATIONS = 50
_ADD = """
INSERT INTO effort (member_id, conversation_id, day, reading, writing)
SELECT %s, told.conversation_id, %s, told.reading, told.writing
FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS told (conversation_id, reading, writing)
ON CONFLICT (member_id, day, conversation_id)
DO UPDATE SET reading = effort.reading + EXCLUDED.reading, writing = effort.writing + EXCLUDED.writing
"""


@transaction.atomic
def add(*, by: Actor, at: datetime, spent: Sequence[Spent]) -> tuple[Spent, ...]:
    """Add what a browser tells; answers what was taken down.

    Conversations this member may not see are left out, and so is more time than has passed. Raises `Invalid`.
    """
    if by.member_id is None or not workspace_measures(by):
        return ()
    if len(spent) > MOST_CONVERSATIONS:
        raise Invalid(t("Tell at most {most} conversations at once.", most=MOST_CONVERSATIONS), field="spent")
    EffortClock.objects.get_or_create(member_id=by.member_id)
    clock = EffortClock.objects.select_for_update().get(member_id=by.member_id)
    if clock.is_off:
        return ()
    seen = set(visible_to(by).filter(id__in=[one.conversation_id for one in spent]).values_list("id", flat=True))
    counted = _together(one for one in credited(spent, since=clock.told_until, at=at) if one.conversation_id in seen)
    if counted:
        _insert(by.member_id, today(by.workspace_id, at=at), counted)
    clock.told_until = at
    clock.save(update_fields=["told_until"])
    return counted


def _together(spent: Iterable[Spent]) -> tuple[Spent, ...]:
    """One entry a conversation."""
    reading: Counter[int] = Counter()
    writing: Counter[int] = Counter()
    for one in spent:
        reading[one.conversation_id] += one.reading
        writing[one.conversation_id] += one.writing
    return tuple(Spent(conversation_id=key, reading=reading[key], writing=writing[key]) for key in sorted(reading))


def _insert(member_id: int, day: date, counted: Sequence[Spent]) -> None:
    ids = [one.conversation_id for one in counted]
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [member_id, day, ids, [one.reading for one in counted], [one.writing for one in counted]])


@transaction.atomic
def take_part(*, by: Actor, is_off: bool) -> None:
    """A member's own choice whether their time is measured. Switching it off deletes what was measured."""
    if by.member_id is None:
        raise NotAllowed(t("Only members have time of their own."))
    EffortClock.objects.update_or_create(member_id=by.member_id, defaults={"is_off": is_off})
    if is_off:
        Effort.objects.filter(member_id=by.member_id).delete()


@transaction.atomic
def measure(*, by: Actor, at: datetime, is_off: bool) -> None:
    """Whether the workspace measures at all. Switching it off deletes everybody's sums. Raises `NotAllowed`."""
    require(by, Right.MANAGE_WORKSPACE)
    switch, is_new = EffortSwitch.objects.get_or_create(workspace_id=by.workspace_id, defaults={"is_off": is_off})
    if switch.is_off == is_off and not (is_new and is_off):
        return
    EffortSwitch.objects.filter(workspace_id=by.workspace_id).update(is_off=is_off)
    if is_off:
        Effort.objects.filter(member__workspace_id=by.workspace_id).delete()
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action="effort.switched_off" if is_off else "effort.switched_on",
        subject=f"workspace {by.workspace_id}",
        data={},
        at=at,
    )


def forget_old(*, at: datetime) -> int:
    """Delete sums older than `KEPT`; answers how many rows."""
    return Effort.objects.filter(day__lt=(at - KEPT).date()).delete()[0]
