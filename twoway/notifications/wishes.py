"""From the row of a member's wishes to what the rules work on."""

from __future__ import annotations

from twoway.notifications import rules
from twoway.notifications.models import Wish
from twoway.notifications.rules import Wishes


def wishes_of(row: Wish | None, *, zone: str) -> Wishes:
    """What a member wants; `zone` is their workspace's, for who named none of their own."""
    if row is None:
        return Wishes(zone=zone)
    return Wishes(
        own=rules.own_ways(row.ways),
        zone=row.zone or zone,
        quiet_days=frozenset(day for day in row.quiet_days if isinstance(day, int) and 0 <= day <= 6),
        quiet_from=row.quiet_from,
        quiet_to=row.quiet_to,
        direct_through=row.direct_through,
        paused_until=row.paused_until,
    )
