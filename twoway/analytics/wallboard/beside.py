"""What other packages know that belongs on a wallboard: clocks, queues, and who is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from twoway.analytics.wallboard.rules import Waits
from twoway.messaging.deflection.queries import Report as Deflected
from twoway.messaging.deflection.queries import today as deflected_today
from twoway.messaging.greeting.queries import kept_since
from twoway.messaging.greeting.wait.rules import Kept
from twoway.routing.presence.queries import present
from twoway.routing.queries import QueueState, agents_of, routes, state_of
from twoway.sla.queries import Clock, at_risk, clocks_of

__all__ = ["Deflected", "Kept", "Late", "Person", "Routed", "deflected", "late", "promised", "routed"]

MOST_CLOCKS = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Late:
    """The clocks of who waits longest, by conversation; how many of the workspace are warned of and late.

    The numbers are None for who sees some teams only. `next_due` is when the next one that is warned of becomes late.
    """

    clocks: Mapping[int, Clock]
    warned: int | None
    breached: int | None
    next_due: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """A member who may answer: online, away, break or offline, with what they have of what they may have."""

    member_id: int
    name: str
    state: str
    since: datetime | None
    load: int
    capacity: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Routed:
    """Where conversations are given out: the queues, and the people who were ever here."""

    queues: tuple[QueueState, ...]
    people: tuple[Person, ...]

    def count(self, state: str) -> int:
        """How many people are online, away, on a break or offline."""
        return sum(one.state == state for one in self.people)

    @property
    def free(self) -> int:
        """How many more conversations those who are online may have between them."""
        return sum(max(0, one.capacity - one.load) for one in self.people if one.state == "online")


def late(workspace_id: int, waits: Sequence[Waits], *, is_whole: bool, at: datetime) -> Late:
    """The clocks of those who are shown: who waits longest, in all and in each team."""
    first: dict[int | None, int] = {}
    for one in waits:
        first.setdefault(one.team_id, one.conversation_id)
    shown = [one.conversation_id for one in waits[:MOST_CLOCKS]] + list(first.values())[:MOST_CLOCKS]
    if not is_whole:
        return Late(clocks=clocks_of(shown, at), warned=None, breached=None, next_due=None)
    risk = at_risk(workspace_id, at)
    soon = risk.conversation_ids[risk.breached : risk.breached + 1]
    clocks = clocks_of({*shown, *soon}, at)
    due = clocks[soon[0]].due_at if soon and soon[0] in clocks else None
    return Late(clocks=clocks, warned=risk.warned, breached=risk.breached, next_due=due)


def routed(workspace_id: int, *, at: datetime) -> Routed | None:
    """Queues and people; None in a workspace that has no queue."""
    if not routes(workspace_id):
        return None
    agents = {one.id: one for one in agents_of(workspace_id, at)}
    people = [
        Person(
            member_id=one.member_id,
            name=one.name,
            state=one.state,
            since=one.since,
            load=agents[one.member_id].load,
            capacity=agents[one.member_id].capacity,
        )
        for one in present(workspace_id, at)
        if one.member_id in agents
    ]
    return Routed(queues=tuple(state_of(workspace_id, at)), people=tuple(people))


def deflected(workspace_id: int, *, at: datetime) -> Deflected | None:
    """Who left a phone queue for a text today; None where no phone queue is known."""
    found = deflected_today(workspace_id, at)
    return found if found.queues or found.offered else None


def promised(workspace_id: int, *, since: datetime, at: datetime) -> Kept | None:
    """How many of the waits promised today were kept; None while none of them is settled."""
    found = kept_since(workspace_id, since=since, until=at + timedelta(seconds=1))
    return found if found.kept + found.broken else None
