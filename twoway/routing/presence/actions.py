"""Choosing to be there, and writing down who was."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from twoway.events.actions import audit
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.lib.words import t
from twoway.routing.presence.beats import SEEN
from twoway.routing.presence.models import Presence, Stretch
from twoway.routing.presence.rules import CHOICES
from twoway.teams.actor import Actor
from twoway.teams.queries import access_member, member_may
from twoway.teams.rules import Right, may, require

KEPT = timedelta(days=400)
"""How long stretches are kept: a year of shifts, and a little more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """A member who is something else than before. `since` is when that began."""

    workspace_id: int
    member_id: int
    before: str
    after: str
    since: datetime


# Where a stretch ends because nobody was seen any more, it ends when they were last seen.
_SETTLE = """
WITH now_are AS (
    SELECT p.member_id, p.workspace_id, p.shown AS before,
           CASE WHEN NOT (m.is_active AND a.is_active) OR p.seen_at IS NULL
                     OR p.seen_at < %(at)s - make_interval(mins => coalesce(s.away_minutes, 2)) THEN 'offline'
                ELSE coalesce(nullif(p.chosen, ''), 'away') END AS after,
           p.seen_at, p.chosen_at, p.shown_at
    FROM presence p JOIN member m ON m.id = p.member_id JOIN account a ON a.id = m.user_id
    LEFT JOIN routing_settings s ON s.workspace_id = p.workspace_id
    WHERE %(members)s::bigint[] IS NULL OR p.member_id = ANY(%(members)s::bigint[])
), moved AS (
    SELECT n.*, CASE WHEN after = 'offline' THEN greatest(seen_at, shown_at) ELSE %(at)s END AS since
    FROM now_are n WHERE after <> before
), shown AS (
    UPDATE presence p SET shown = v.after, shown_at = v.since FROM moved v
    WHERE p.member_id = v.member_id AND p.shown = v.before
    RETURNING p.member_id, p.workspace_id, v.before, v.after, v.since
), ended AS (
    UPDATE presence_stretch t SET ended_at = greatest(t.started_at, v.since) FROM shown v
    WHERE t.member_id = v.member_id AND t.ended_at IS NULL
)
SELECT workspace_id, member_id, before, after, since FROM shown ORDER BY member_id
"""


@transaction.atomic
def choose(*, state: str, by: Actor, at: datetime) -> None:
    """Be online, away or on break. Whoever says so is there. Raises `NotAllowed`, `Invalid`."""
    if by.member_id is None:
        raise Invalid(t("Only a member is here or away."), code="not_a_member")
    if state not in CHOICES:
        raise Invalid(t("Choose online, away or on break."), field="state")
    if state == "online" and not may(by, Right.REPLY):
        raise NotAllowed(t("Your role doesn't answer texts, so nothing would be given to you."))
    row = Presence.objects.select_for_update().filter(member_id=by.member_id).first()
    if row is None:
        Presence.objects.get_or_create(
            member_id=by.member_id,
            defaults={"workspace_id": by.workspace_id, "chosen": state, "chosen_at": at, "seen_at": at, "shown_at": at},
        )
    else:
        changes: dict[str, object] = {"seen_at": at if row.seen_at is None else max(row.seen_at, at)}
        if row.chosen != state:
            changes |= {"chosen": state, "chosen_at": at}
        Presence.objects.filter(member_id=by.member_id).update(**changes)
    settle(at=at, member_ids=[by.member_id])


@transaction.atomic
def choose_for(*, member_id: int, state: str, by: Actor, at: datetime) -> None:
    """Choose for somebody else, who has gone home and left a browser open, say. They may choose anew at any time.

    It does not count as having seen them. Raises `NotAllowed`, `NotFound`, `Invalid`.
    """
    if member_id == by.member_id:
        choose(state=state, by=by, at=at)
        return
    require(by, Right.MANAGE_TEAMS)
    member = access_member(by, member_id)
    if state not in CHOICES:
        raise Invalid(t("Choose online, away or on break."), field="state")
    if state == "online" and not member_may(member, Right.REPLY):
        raise NotAllowed(t("Their role doesn't answer texts, so nothing would be given to them."))
    row, is_new = Presence.objects.get_or_create(
        member_id=member_id,
        defaults={"workspace_id": by.workspace_id, "chosen": state, "chosen_at": at, "shown_at": at},
    )
    if not is_new and row.chosen != state:
        Presence.objects.filter(member_id=member_id).update(chosen=state, chosen_at=at)
    settle(at=at, member_ids=[member_id])
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action="presence.chosen",
        subject=f"member {member_id}",
        data={"name": str(member), "state": state},
        at=at,
    )


def seen(*, member_ids: Collection[int], at: datetime) -> None:
    """Browsers of these members are open; one statement. The web process says so by itself (`webhooks.attendance`)."""
    with connection.cursor() as cursor:
        cursor.execute(SEEN, {"members": sorted(member_ids), "at": at})


@transaction.atomic
def settle(*, at: datetime, member_ids: Collection[int] | None = None) -> list[Moved]:
    """Write down who became something else since the last time, all or these; who they are.

    Each stretch of being online, away or on break is one row; being offline is none.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, {"at": at, "members": None if member_ids is None else sorted(member_ids)})
        moved = [
            Moved(workspace_id=row[0], member_id=row[1], before=row[2], after=row[3], since=row[4])
            for row in cursor.fetchall()
        ]
    Stretch.objects.bulk_create(
        [
            Stretch(workspace_id=one.workspace_id, member_id=one.member_id, state=one.after, started_at=one.since)
            for one in moved
            if one.after != "offline"
        ]
    )
    return moved


def prune(*, at: datetime) -> int:
    """Forget stretches that ended more than `KEPT` ago; how many."""
    return Stretch.objects.filter(ended_at__lt=at - KEPT).delete()[0]
