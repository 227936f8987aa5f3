"""How many conversations there are in each view. Nothing is counted beyond `MOST`: people read "1000+"."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic

from django.db import connection

from twoway.conversations.queries.lists import in_view
from twoway.conversations.queries.patience import COUNTING, TooSlow, patiently
from twoway.conversations.queries.visibility import visible_sql
from twoway.conversations.rules import View
from twoway.conversations.views.rules import is_personal as is_personal_tree
from twoway.teams.actor import Actor

MOST = 1000

# In the order of the index that holds just these rows: it is walked to its end or to the most, and no table is scanned.
_IN_ORDER = "ORDER BY v.needs_reply, v.sort_at"
_ONE = """
SELECT '{name}', 0::bigint, (
    SELECT count(*) FROM (SELECT 1 FROM conversation v WHERE {visible} AND {which} {order} LIMIT %(most)s) AS n)
"""
_OF_ME = _ONE + "FROM member o WHERE o.id = %(me)s AND o.workspace_id = %(workspace)s"
_EACH = """
SELECT '{table}', o.id, (
    SELECT count(*) FROM (
        SELECT 1 FROM conversation v WHERE {visible} AND v.{table}_id = o.id AND v.state = 'open' {order} LIMIT %(most)s
    ) AS n)
FROM {table} o WHERE o.workspace_id = %(workspace)s AND {which}
"""
# The partial index of who waits holds just these rows; nothing of it is there without queues.
_QUEUES = """
SELECT 'queue', o.id, (
    SELECT count(*) FROM (
        SELECT 1 FROM queue_entry e JOIN conversation v ON v.id = e.conversation_id
        WHERE e.workspace_id = o.workspace_id AND e.queue_id = o.id AND e.state = 'waiting' AND {visible}
        LIMIT %(most)s
    ) AS n)
FROM routing_queue o WHERE o.workspace_id = %(workspace)s AND o.is_active
"""
_MINE = "v.assignee_id = %(me)s AND v.state = 'open'"
_UNREAD = """{mine} AND v.last_inbound_id > coalesce(
    (SELECT r.message_id FROM read_mark r WHERE r.conversation_id = v.id AND r.member_id = %(me)s), 0)"""
_OWN = {"mine": _MINE, "mine_unread": _UNREAD.format(mine=_MINE)}
_BOXES = {
    "unassigned": "v.assignee_id IS NULL AND v.state = 'open'",
    "open": "v.state = 'open'",
    "snoozed": "v.state = 'snoozed'",
    "done": "v.state = 'done' AND NOT v.needs_reply",
}
_OPEN_OF_MEMBERS = """
SELECT m.id, (
    SELECT count(*) FROM (
        SELECT 1 FROM conversation v WHERE v.assignee_id = m.id AND v.state = 'open'
        ORDER BY v.needs_reply, v.sort_at LIMIT %(most)s
    ) AS n)
FROM member m WHERE m.workspace_id = %(workspace)s AND m.is_active
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """Conversations per view, each at most `MOST`. Mine, unassigned, channels and teams count the open ones.

    `mine_unread` are those of mine with texts I have not seen. Channels, teams and queues are by id; those of a queue
    wait in it.
    """

    mine: int = 0
    mine_unread: int = 0
    unassigned: int = 0
    open: int = 0
    snoozed: int = 0
    done: int = 0
    channels: Mapping[int, int] = field(default_factory=dict)
    teams: Mapping[int, int] = field(default_factory=dict)
    queues: Mapping[int, int] = field(default_factory=dict)


def counts(actor: Actor) -> Counts:
    """Every count of the views column, in one statement."""
    visible, names = visible_sql(actor)
    through, _ = visible_sql(actor, through="o")
    order = "" if actor.sees_own_teams_only else _IN_ORDER
    own = "o.id = ANY(%(teams)s)" if actor.sees_own_teams_only else "true"
    parts = [_ONE.format(name=name, visible=visible, which=which, order=order) for name, which in _BOXES.items()]
    parts += [_OF_ME.format(name=name, visible=through, which=which, order=order) for name, which in _OWN.items()]
    parts.append(_EACH.format(table="channel", visible=through, which="o.is_active", order=order))
    parts.append(_EACH.format(table="team", visible=through, which=own, order=order))
    parts.append(_QUEUES.format(visible=visible))
    boxes: dict[str, int] = {}
    groups: dict[str, dict[int, int]] = {"channel": {}, "team": {}, "queue": {}}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), {**names, "most": MOST})
        for name, key, count in cursor.fetchall():
            if name in groups:
                groups[name][key] = count
            else:
                boxes[name] = count
    return Counts(**boxes, channels=groups["channel"], teams=groups["team"], queues=groups["queue"])


def count_unread(actor: Actor) -> int:
    """How many open conversations of this member have texts they have not seen."""
    visible, names = visible_sql(actor)
    mine = _ONE.format(name="unread", visible=visible, which=_OWN["mine_unread"], order="")
    with connection.cursor() as cursor:
        cursor.execute(mine, {**names, "most": MOST})
        return int(cursor.fetchall()[0][2])


@dataclass(frozen=True, kw_only=True, slots=True)
class Totals:
    """How many rows the groups of a view have in all, each at most `MOST`; of a searched view at most `FEW` and one.

    `is_partial`: there are more, or counting them took too long.
    """

    reply: int = 0
    customer: int = 0
    all: int = 0
    is_partial: bool = False


def totals(actor: Actor, view: View) -> Totals:
    """The sizes of a view's groups, in one statement. `reply` is also told for the groups a status leaves out."""
    if view.is_searched:
        return _totals_searched(actor, view)
    rows = in_view(actor, view)
    rows = rows.order_by() if actor.sees_own_teams_only else rows.order_by("sort_at")
    if rows.query.is_empty():
        return Totals()
    if view.groups == ("all",):
        return Totals(all=rows.order_by().values("id")[:MOST].count())
    parts = [rows.filter(needs_reply=needs).values("id")[:MOST].query.sql_with_params() for needs in (True, False)]
    sql = ", ".join(f"(SELECT count(*) FROM ({part}) AS n)" for part, _ in parts)  # noqa: S608 - made by the ORM
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sql}", [value for _, values in parts for value in values])
        reply, customer = cursor.fetchone()
    return Totals(reply=reply, customer=customer)


def _totals_searched(actor: Actor, view: View) -> Totals:
    """The same for a view whose rows have to be looked for, counted up to `FEW` and one; nothing where that takes
    too long."""
    rows = in_view(actor, view).order_by()
    sizes: dict[str, int] = {}
    try:
        with patiently(view, milliseconds=COUNTING):
            for group in view.groups:
                part = rows if group == "all" else rows.filter(needs_reply=group == "reply")
                sizes[group] = part.values("id")[: FEW + 1].count()
    except TooSlow:
        return Totals(is_partial=True)
    return Totals(**sizes, is_partial=any(size > FEW for size in sizes.values()))


def open_of_members(actor: Actor) -> dict[int, int]:
    """How many open conversations each member has, by id, at most `MOST`."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_OF_MEMBERS, {"workspace": actor.workspace_id, "most": MOST})
        return dict(cursor.fetchall())


# Searched views: counted apart from the others, seldom, and together for all whom the answer is the same for ---------

FEW = 99
"""A searched view is counted up to here; people read "99+" beyond."""
FRESH = 3.0
"""Seconds a count of a searched view is good for."""
TIRED = 60.0
"""Seconds until a count that took too long is tried again."""
_MOST_KEPT = 5000
_kept: dict[Hashable, tuple[float, int | None]] = {}
_keeping = Lock()


def count_searched(actor: Actor, view: View) -> int | None:
    """How many conversations a searched view holds, at most `FEW` and one; None where counting takes too long.

    The answer is kept for `FRESH` seconds in this process. It is shared by every member who sees everything, unless
    the conditions are about who looks.
    """
    key = _shared_key(actor, view)
    now = monotonic()
    with _keeping:
        kept = _kept.get(key)
    if kept is not None and now < kept[0]:
        return kept[1]
    found = count_now(actor, view)
    with _keeping:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        _kept[key] = (now + (TIRED if found is None else FRESH), found)
    return found


def count_now(actor: Actor, view: View) -> int | None:
    """The same, counted now."""
    try:
        with patiently(view, milliseconds=COUNTING):
            return in_view(actor, view).order_by().values("id")[: FEW + 1].count()
    except TooSlow:
        return None


def forget_counts() -> None:
    """Count everything anew when it is next asked for."""
    with _keeping:
        _kept.clear()


def _shared_key(actor: Actor, view: View) -> Hashable:
    is_personal = view.box in {"unread", "mentions"} or is_personal_tree(view.tree) or is_personal_tree(view.quick.tree)
    who = actor.member_id if is_personal or actor.sees_own_teams_only else None
    return (actor.workspace_id, who, view.box, view.status, view.tree, view.quick)
