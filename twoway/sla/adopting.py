"""Taking conversations over as they stand: on first sight, after a change of policies or hours, after a merge."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction
from django.db.models import F, Q

from twoway.conversations.models import Conversation
from twoway.events.following import EVERYBODYS
from twoway.sla import rules, tracking
from twoway.sla.clock_rules import Thread
from twoway.sla.models import Clock, Policy, Track
from twoway.sla.policies import Book, on_in
from twoway.sla.tracking import Held
from twoway.teams.hours.models import Kept

log = structlog.get_logger(__name__)

AT_ONCE = 500

# When somebody of ours last answered in the episode, and whether they wrote in it; one walk down an index each.
_SEEN = """
SELECT c.id, e.opened_at, c.last_inbound_at, (
    SELECT max(m.created_at) FROM message m WHERE m.conversation_id = c.id AND m.author = 'member'
      AND m.created_at >= e.opened_at AND m.status NOT IN ('canceled', 'failed', 'undelivered'))
FROM conversation c LEFT JOIN episode e ON e.conversation_id = c.id AND e.number = c.episode
WHERE c.id = ANY(%(ids)s)
"""


def seen(found: Mapping[int, tracking.Talk]) -> dict[int, Thread]:
    """How these conversations stand by what they say themselves."""
    if not found:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, {"ids": list(found)})
        rows = cursor.fetchall()
    result = {}
    for key, opened_at, heard_at, answered_at in rows:
        talk = found[key]
        wrote = opened_at is not None and heard_at is not None and heard_at >= opened_at
        result[key] = Thread(
            episode=talk.episode,
            state=talk.state,
            waiting_since=talk.waiting_since,
            answered_at=answered_at,
            heard_at=(opened_at if wrote else None) or talk.waiting_since,
        )
    return result


def adopted(one: Held, stands: Thread, book: Book | None, *, at: datetime) -> Thread:
    """A conversation taken over. What is late by then is late without anybody being told of it."""
    rule = book.rule_for(one.talk.place) if book else None
    if rule is None:
        return rules.without(one.thread, at=at)
    was = book.rule_by(one.track.policy_id, one.track.team_id, one.track.channel_id) if book else None
    thread = rules.settle(one.thread, rule, at=at, before=was if _moved(one) else None)
    thread = rules.adopt(thread, stands, rule, at=at)
    return _quietly(thread, at)


def _moved(one: Held) -> bool:
    place = one.talk.place
    return not one.is_new and (one.track.team_id, one.track.channel_id) != (place.team_id, place.channel_id)


def _quietly(thread: Thread, at: datetime) -> Thread:
    clocks = []
    for clock in thread.clocks:
        if clock.id == 0 and clock.is_live and clock.kind != "wrap_up":
            late = clock.due_at is not None and clock.due_at <= at
            warned = clock.warn_at is not None and clock.warn_at <= at
            clock = replace(
                clock, breached_at=clock.due_at if late else None, warned_at=clock.warn_at if warned else None
            )
        clocks.append(clock)
    return replace(thread, clocks=tuple(clocks))


@transaction.atomic
def look_again(conversation_ids: Collection[int], *, at: datetime) -> int:
    """Set the clocks of these conversations by how they stand now; how many were looked at."""
    found = tracking.talks(conversation_ids)
    wanted = on_in()
    found = {key: talk for key, talk in found.items() if talk.workspace_id in wanted}
    books, stands = tracking.books_for(found.values(), at=at), seen(found)
    changed = []
    for key, one in tracking.held(found).items():
        book = books.get(one.talk.workspace_id)
        changed.append((one, adopted(one, stands[key], book, at=at), book))
    tracking.tell(tracking.keep(changed))
    return len(found)


# Changes of policies and of hours -------------------------------------------------------------------------------------

_reached: dict[int, tuple[object, int]] = {}
"""How far this process came with a workspace: what changed, and the last conversation. Lost, it begins again."""
_failed_at: dict[int, datetime] = {}
TRY_AGAIN = timedelta(minutes=1)
"""How long a workspace whose clocks could not be set anew is left alone."""


def settle_next(*, at: datetime, limit: int = AT_ONCE) -> int:
    """Set some clocks anew in a workspace whose policies or hours have changed; how many conversations, 0 for none."""
    for workspace_id in _unsettled():
        if at - _failed_at.get(workspace_id, at - TRY_AGAIN) < TRY_AGAIN:
            continue
        try:
            with transaction.atomic():
                return _settle(workspace_id, at=at, limit=limit)
        except EVERYBODYS:
            raise
        except Exception:  # the next workspace must have its turn
            _failed_at[workspace_id] = at
            log.exception("clocks_not_settled", workspace_id=workspace_id)
    return 0


def settle_first(workspace_id: int, *, at: datetime) -> None:
    """The first of them at once, so that whoever changed something sees it; the worker sees to the rest."""
    _settle(workspace_id, at=at, limit=AT_ONCE)


def _unsettled() -> list[int]:
    changed = Policy.objects.filter(Q(settled_at=None) | Q(settled_at__lt=F("changed_at")))
    versions = {row.pk: row.version for row in Kept.objects.all()}
    rows = Policy.objects.filter(is_default=True).values_list("workspace_id", "hours_version")
    by_hours = {key for key, version in rows if version != versions.get(key)}
    return sorted({*changed.values_list("workspace_id", flat=True), *by_hours})


def _settle(workspace_id: int, *, at: datetime, limit: int) -> int:
    version = Kept.objects.filter(workspace_id=workspace_id).values_list("version", flat=True).first()
    changes = Policy.objects.filter(workspace_id=workspace_id).values_list("id", "changed_at")
    mark = (version, frozenset(changes))
    known = _reached.get(workspace_id)
    after = known[1] if known is not None and known[0] == mark else 0
    is_on = workspace_id in on_in()
    ids = _affected(workspace_id, after=after, limit=limit, is_on=is_on)
    if is_on:
        look_again(ids, at=at)
    else:
        _forget(ids, at=at)
    _reached[workspace_id] = (mark, ids[-1] if ids else 0)
    if len(ids) < limit:
        del _reached[workspace_id]
        for key, changed_at in mark[1]:
            Policy.objects.filter(id=key).update(settled_at=changed_at)
        Policy.objects.filter(workspace_id=workspace_id, is_default=True).update(hours_version=version)
    return max(1, len(ids))


def _affected(workspace_id: int, *, after: int, limit: int, is_on: bool) -> list[int]:
    """Who has clocks, and who waits and has none, in order of id."""
    followed = Track.objects.filter(workspace_id=workspace_id, pk__gt=after)
    if is_on:
        followed = followed.filter(conversation__sla_clocks__ended_at=None, conversation__sla_clocks__isnull=False)
    held = followed.order_by("pk").values_list("pk", flat=True).distinct()[:limit]
    waiting = Conversation.objects.filter(workspace_id=workspace_id, needs_reply=True, state__in=["open", "snoozed"])
    waits = waiting.filter(id__gt=after).order_by("id").values_list("id", flat=True)[:limit] if is_on else []
    return sorted({*held, *waits})[:limit]


@transaction.atomic
def _forget(ids: Iterable[int], *, at: datetime) -> None:
    """Nothing is promised any more: clocks stop, and where conversations stand is not followed."""
    found = tracking.talks(ids)
    held = tracking.held(found)
    tracking.tell(tracking.keep([(one, rules.without(one.thread, at=at), None) for one in held.values()]))
    Clock.objects.filter(conversation_id__in=list(found), kind="wrap_up", ended_at=None).delete()
    Track.objects.filter(conversation_id__in=list(found)).delete()
