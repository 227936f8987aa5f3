"""Clocks for replies as a state machine over what happened: pure, so that a replay comes to the same.

Two gears: until a person has replied in an episode the relaxed goal counts, after that the strict one, from each first
text nobody has answered. A further text of the customer never moves a goal, and an automatic answer meets none. Clocks
for replies stand still while we wait for the customer, which is to say that there are none then; the one for the
resolution stands still meanwhile, and while a conversation is snoozed. Seconds are real ones that lie in the hours of
the calendar a clock is counted by (`teams.hours.rules`), and none of them is lost or counted twice by a pause, a
transfer or a reopening.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from twoway.sla.clock_rules import (
    KINDS,
    REPLIES,
    Fact,
    Kind,
    Outcome,
    Rule,
    Running,
    Terms,
    Thread,
    What,
    banked,
    begun,
    counted,
    resumed,
    revived,
    with_terms,
)

# Facts ----------------------------------------------------------------------------------------------------------------


def step(thread: Thread, fact: Fact, rule: Rule) -> Thread:
    """What a fact makes of a conversation. One that was taken into account before changes nothing."""
    if fact.id <= thread.event_id:
        return thread
    return _STEPS[fact.what](replace(thread, event_id=fact.id), fact, rule)


def steps(thread: Thread, facts: Iterable[Fact], rule: Rule) -> Thread:
    """The same for several, in order."""
    for fact in facts:
        thread = step(thread, fact, rule)
    return thread


def _text(thread: Thread, fact: Fact, rule: Rule) -> Thread:
    """A customer wrote. Done ones begin anew, snoozed ones come back; who waits already goes on waiting."""
    if thread.state == "done":
        thread = _next_episode(thread, thread.episode + 1)
    elif thread.state == "snoozed":
        thread = _woken(thread, fact, rule)
    thread = _ended(thread, ("wrap_up",), fact, "stopped")
    if thread.waiting_since is None:
        thread = replace(thread, waiting_since=fact.at)
    if thread.heard_at is None:
        thread = replace(thread, heard_at=fact.at)
    return _filled(thread, fact.at, rule)


def _reply(thread: Thread, fact: Fact, rule: Rule) -> Thread:
    """A person answered: whoever waited does not any more, and the customer has the word."""
    thread = _ended(thread, tuple(REPLIES), fact, "met")
    thread = replace(thread, waiting_since=None, answered_at=fact.at)
    quiet = thread.live("wrap_up")
    if quiet is not None and rule.terms.wrap_up is not None:
        thread = _replaced(thread, [(quiet, put_off(quiet, at=fact.at, seconds=rule.terms.wrap_up))])
    return _filled(_paced(thread, fact.at, rule), fact.at, rule)


def _undone(thread: Thread, fact: Fact, rule: Rule) -> Thread:
    """A reply was taken back before it left: what it had ended goes on as if it had never been written."""
    back = [one for one in thread.clocks if one.ended_by == fact.message_id and one.kind in REPLIES]
    back = [one for one in back if not thread.live(one.kind)]
    if not back:
        return thread
    thread = _replaced(thread, [(one, revived(one, rule)) for one in back])
    waiting = min(one.started_at for one in back)
    answered = None if any(one.kind == "first" for one in back) else thread.answered_at
    thread = replace(thread, waiting_since=waiting, answered_at=answered)
    return _paced(_ended(thread, ("wrap_up",), fact, "stopped"), fact.at, rule)


def _lost(thread: Thread, fact: Fact, rule: Rule) -> Thread:
    """A reply never arrives. What it had ended goes on as if it had never been written, or ends with another reply."""
    ended = [one for one in thread.clocks if one.ended_by == fact.message_id and one.kind in REPLIES]
    if fact.instead is not None:
        met = fact.instead
        return _replaced(thread, [(one, _closed(revived(one, rule), met, "met")) for one in ended])
    if fact.since is None or thread.state == "done":
        return thread
    back = [one for one in ended if not thread.live(one.kind)]
    is_first = any(one.kind == "first" for one in ended)
    starts = [one.started_at for one in ended] or [fact.since]
    thread = _replaced(_ended(thread, ("wrap_up", *(("next",) if is_first else ())), fact, "stopped"), [
        (one, revived(one, rule)) for one in back
    ])  # fmt: skip
    thread = replace(
        thread,
        waiting_since=min([*starts, *([thread.waiting_since] if thread.waiting_since else [])]),
        answered_at=None if is_first else thread.answered_at,
    )
    return _filled(_paced(_since(thread, rule), fact.at, rule), fact.at, rule)


def _given(thread: Thread, fact: Fact, rule: Rule) -> Thread:
    """An answer that no new text tells of; who wrote again after it waits since then."""
    thread = _reply(thread, fact, rule)
    return thread if fact.since is None else _text(thread, replace(fact, at=fact.since, message_id=None), rule)


def _done(thread: Thread, fact: Fact, rule: Rule) -> Thread:
    """Somebody closed it: that is the resolution, and nobody waits for the rest any more."""
    if thread.state == "done":
        return thread
    thread = _ended(thread, ("resolution",), fact, "met")
    thread = _ended(thread, (*REPLIES, "wrap_up"), fact, "stopped")
    return replace(thread, state="done", done_at=fact.at)


def _reopened(thread: Thread, fact: Fact, rule: Rule) -> Thread:
    """Taken back, the same episode goes on and so do its clocks; otherwise another one begins."""
    if thread.state != "done":
        return replace(thread, episode=max(thread.episode, fact.episode))
    if fact.episode > thread.episode:
        return _next_episode(thread, fact.episode)
    closed = [one for one in thread.clocks if one.ended_at == thread.done_at and one.kind != "wrap_up"]
    closed = [one for one in closed if one.ended_by is None and not thread.live(one.kind)]
    going = [(one, resumed(banked(one, thread.done_at or fact.at, rule), fact.at, rule)) for one in closed]
    thread = replace(_replaced(thread, going), state="open", done_at=None)
    return _filled(_paced(thread, fact.at, rule), fact.at, rule)


def _snoozed(thread: Thread, fact: Fact, rule: Rule) -> Thread:
    """Put away. Whoever waits goes on waiting, unless the policy says otherwise."""
    if thread.state == "done":
        return thread
    thread = replace(_ended(thread, ("wrap_up",), fact, "stopped"), state="snoozed")
    return _paced(thread, fact.at, rule)


def _woken(thread: Thread, fact: Fact, rule: Rule) -> Thread:
    if thread.state != "snoozed":
        return thread
    thread = replace(thread, state="open")
    return _filled(_paced(thread, fact.at, rule), fact.at, rule)


_STEPS: dict[What, Callable[[Thread, Fact, Rule], Thread]] = {
    "text": _text,
    "reply": _reply,
    "undone": _undone,
    "lost": _lost,
    "given": _given,
    "done": _done,
    "reopened": _reopened,
    "snoozed": _snoozed,
    "woken": _woken,
}


# Terms ----------------------------------------------------------------------------------------------------------------


def settle(thread: Thread, rule: Rule, *, at: datetime, before: Rule | None = None) -> Thread:
    """Count by other terms or hours from `at` on.

    What has been used is kept: with `before` counted by that calendar (a transfer), without it by the new one (the
    hours themselves changed). A breach stays one. Goals a policy does not have end; those it has and nobody counted
    begin when the customer began to wait.
    """
    changed = []
    for one in thread.clocks:
        if not one.is_live or one.breached_at is not None:
            continue
        if not rule.terms.has(one.kind):
            changed.append((one, replace(one, ended_at=at, outcome="stopped")))
            continue
        moved = replace(banked(one, at, before), since=at) if before is not None and one.since is not None else one
        changed.append((one, counted(with_terms(moved, rule), rule)))
    return _filled(_paced(_replaced(thread, changed), at, rule), at, rule)


def without(thread: Thread, *, at: datetime) -> Thread:
    """No policy fits any more: every clock stops."""
    live = [one for one in thread.clocks if one.is_live]
    return _replaced(thread, [(one, replace(one, ended_at=at, outcome="stopped")) for one in live])


def adopt(thread: Thread, seen: Thread, rule: Rule, *, at: datetime) -> Thread:
    """Take over how a conversation stands from itself: nothing was followed before, or two of them became one."""
    waits_on = seen.waiting_since is not None and thread.waiting_since is not None
    thread = replace(
        thread,
        event_id=max(thread.event_id, seen.event_id),
        episode=seen.episode,
        state=seen.state,
        waiting_since=seen.waiting_since,
        answered_at=seen.answered_at,
        heard_at=seen.heard_at,
        done_at=seen.done_at,
    )
    stopped = Fact(id=thread.event_id, what="done", at=at)
    if not waits_on and seen.waiting_since is None:
        thread = _ended(thread, tuple(REPLIES), stopped, "stopped")
    if seen.state == "done":
        thread = _ended(thread, KINDS, stopped, "stopped")
    return _filled(_paced(_since(thread, rule), at, rule), at, rule)


def _since(thread: Thread, rule: Rule) -> Thread:
    """Clocks for a reply count from when the customer began to wait, if that is another moment than it was."""
    start = thread.waiting_since
    other = [one for one in thread.clocks if one.is_live and one.kind in REPLIES and one.started_at != start]
    if start is None:
        return thread
    anew = (replace(one, started_at=start, since=start, used=0.0, pause="", breached_at=None) for one in other)
    return _replaced(thread, [(old, counted(one, rule)) for old, one in zip(other, anew, strict=True)])


def put_off(one: Running, *, at: datetime, seconds: float) -> Running:
    """Ask to wrap up again later: as if the conversation had gone quiet now."""
    return replace(one, started_at=at, since=at, due_at=at + timedelta(seconds=seconds), breached_at=None)


# Clocks ---------------------------------------------------------------------------------------------------------------


def _next_episode(thread: Thread, number: int) -> Thread:
    return replace(
        thread, episode=number, state="open", waiting_since=None, answered_at=None, heard_at=None, done_at=None
    )


def _filled(thread: Thread, at: datetime, rule: Rule) -> Thread:
    """With the clocks that ought to run and don't."""
    if thread.state == "done":
        return thread
    wanted: list[tuple[Kind, datetime]] = []
    if thread.waiting_since is not None:
        gear: Kind = "first" if thread.answered_at is None else "next"
        wanted += [(gear, thread.waiting_since), ("same_day", thread.waiting_since)]
    elif thread.answered_at is not None and thread.state == "open":
        wanted.append(("wrap_up", max(at, thread.answered_at)))
    if thread.heard_at is not None:
        wanted.append(("resolution", thread.heard_at))
    if thread.live("first") is not None:
        wanted = [one for one in wanted if one[0] != "next"]
    if thread.live("next") is not None:
        wanted = [one for one in wanted if one[0] != "first"]
    missing = [one for one in wanted if rule.terms.has(one[0]) and thread.live(one[0]) is None]
    made = [begun(kind, since, rule, episode=thread.episode) for kind, since in missing]
    return _paced(replace(thread, clocks=(*thread.clocks, *made)), at, rule) if made else thread


def _paced(thread: Thread, at: datetime, rule: Rule) -> Thread:
    """With each clock standing still or running as the conversation stands now."""
    changed = []
    for one in thread.clocks:
        why = pause_of(one.kind, thread, rule.terms)
        if not one.is_live or one.kind == "wrap_up" or why == one.pause:
            continue
        if why and not one.pause:
            paced = replace(banked(one, at, rule), pause=why)
        else:
            paced = replace(one, since=None if why else at, pause=why)
        changed.append((one, counted(paced, rule) if one.breached_at is None else paced))
    return _replaced(thread, changed)


def pause_of(kind: Kind, thread: Thread, terms: Terms) -> str:
    """Why a clock stands still: "snoozed", "customer" (we wait for them), or "" while it runs."""
    if kind in REPLIES:
        return "snoozed" if thread.state == "snoozed" and terms.pauses_snoozed and kind != "same_day" else ""
    if kind == "resolution":
        if thread.state == "snoozed":
            return "snoozed"
        return "customer" if thread.waiting_since is None and thread.answered_at is not None else ""
    return ""


def _ended(thread: Thread, kinds: Iterable[Kind], fact: Fact, outcome: Outcome) -> Thread:
    """Clocks of these kinds come to an end; past their time it is late whatever ended them."""
    changed = []
    for kind in kinds:
        one = thread.live(kind)
        if one is None:
            continue
        changed.append((one, _closed(one, fact, outcome)))
    return _replaced(thread, changed)


def _closed(one: Running, fact: Fact, outcome: Outcome) -> Running:
    is_late = one.kind != "wrap_up" and (
        one.breached_at is not None or (one.due_at is not None and fact.at > one.due_at)
    )
    how: Outcome = "late" if is_late else outcome
    breached = one.breached_at or (one.due_at if is_late else None)
    return replace(one, ended_at=fact.at, ended_by=fact.message_id, outcome=how, breached_at=breached)


def _replaced(thread: Thread, changed: Iterable[tuple[Running, Running]]) -> Thread:
    """The thread with clocks, each given as it was and as it is now, in place of their earlier selves."""
    now = dict(changed)
    return replace(thread, clocks=tuple(now.get(one, one) for one in thread.clocks)) if now else thread
