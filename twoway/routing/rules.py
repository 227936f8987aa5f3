"""Who gets what: the order of those who wait, who is suited for one of them, and who of the suited gets it.

Everything here is plain values. The loop, Next, the test box and the simulation of a day all decide by these functions.

- The order: priority, which grows by one for each `ageing_minutes` of waiting; then who has waited longest.
- Suited: there ("online"), serves the queue, may see the conversation, has room, and has the skills. Who wrote to them
  last goes first for a while, if they are there. After a while skills are a wish.
- Who of the suited: who has the most of the skills wanted, then the least busy, or whose turn it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heapreplace
from typing import Literal

Why = Literal["last_agent", "least_busy", "round_robin", "overflow", "next"]
LOWEST, HIGHEST = 1, 5
"""Priorities a queue or a rule gives; waiting raises them further, without end."""
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
Skills = tuple[tuple[int, int], ...]
"""Skills wanted: (skill, level or above)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A queue. Times are minutes; `skill_minutes` None never lets skills go. `overflow_id`: who else serves it while
    nobody of its own is there.
    """

    id: int
    team_id: int | None = None
    is_pushed: bool = True
    is_in_turn: bool = False
    ageing_minutes: int = 15
    last_agent_minutes: int = 0
    skill_minutes: int | None = 10
    overflow_id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A conversation that waits since `entered_at`. `team_id` is the team it is with; `not_to` put it into the queue
    and so doesn't get it back.
    """

    id: int
    line_id: int
    priority: int
    entered_at: datetime
    skills: Skills = ()
    last_agent_id: int | None = None
    team_id: int | None = None
    not_to: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Agent:
    """A member who may answer. `load` of `capacity` conversations are theirs; `given_at`: when they last got one."""

    id: int
    is_online: bool = True
    load: int = 0
    capacity: int = 5
    skills: Mapping[int, int] = field(default_factory=dict)
    team_ids: frozenset[int] = frozenset()
    sees_own_teams_only: bool = False
    given_at: datetime | None = None

    @property
    def room(self) -> int:
        """How many more they may be given."""
        return max(0, self.capacity - self.load)


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """Who gets which conversation, and why."""

    entry_id: int
    line_id: int
    agent_id: int
    why: Why


# The order ------------------------------------------------------------------------------------------------------------


def effective_priority(entry: Entry, line: Line, *, at: datetime) -> int:
    """Its priority, one more for each full `ageing_minutes` it has waited."""
    if line.ageing_minutes <= 0:
        return entry.priority
    return entry.priority + max(0, int((at - entry.entered_at).total_seconds() // (60 * line.ageing_minutes)))


def in_order(entries: Iterable[Entry], *, lines: Mapping[int, Line], at: datetime) -> list[Entry]:
    """Who is next, first. Of lines that aren't there any more nothing comes."""
    known = [entry for entry in entries if entry.line_id in lines]
    return sorted(known, key=lambda one: (-effective_priority(one, lines[one.line_id], at=at), one.entered_at, one.id))


# Suited ---------------------------------------------------------------------------------------------------------------


def serves(entry: Entry, line: Line, agent: Agent) -> bool:
    """Whether it is theirs to answer: of the team it is with, or of its queue's; and they may see it."""
    team_id = entry.team_id if entry.team_id is not None else line.team_id
    if team_id is not None and team_id not in agent.team_ids:
        return False
    return not agent.sees_own_teams_only or (entry.team_id is not None and entry.team_id in agent.team_ids)


def has_skills(entry: Entry, agent: Agent) -> bool:
    """Whether they have every skill that is wanted."""
    return all(agent.skills.get(skill, 0) >= level for skill, level in entry.skills)


def wants_skills(entry: Entry, line: Line, *, at: datetime) -> bool:
    """Whether all of the skills are still a must."""
    if not entry.skills:
        return False
    return line.skill_minutes is None or at - entry.entered_at < timedelta(minutes=line.skill_minutes)


def waits_for(entry: Entry, line: Line, agents: Mapping[int, Agent], *, at: datetime) -> Agent | None:
    """The member it is kept for: who wrote to them last, within the limit, while they are there and could ever have
    it. None when anybody may.
    """
    last = agents.get(entry.last_agent_id or 0)
    if (
        last is None
        or last.id == entry.not_to
        or not last.is_online
        or last.capacity < 1
        or not serves(entry, line, last)
    ):
        return None
    return last if at - entry.entered_at < timedelta(minutes=line.last_agent_minutes) else None


def suited(
    entry: Entry, agents: Mapping[int, Agent], *, lines: Mapping[int, Line], at: datetime
) -> tuple[list[Agent], bool]:
    """Everybody who could have it if they had room, and whether they are of the queue it overflows into."""
    line = lines[entry.line_id]
    kept_for = waits_for(entry, line, agents, at=at)
    if kept_for is not None:
        return [kept_for], False
    own = [one for one in agents.values() if one.is_online and serves(entry, line, one)]
    overflow = lines.get(line.overflow_id or 0)
    is_over = not own and overflow is not None
    if is_over and overflow is not None:
        own = [one for one in agents.values() if one.is_online and _helps(entry, overflow, one)]
    if wants_skills(entry, line, at=at):
        own = [one for one in own if has_skills(entry, one)]
    return [one for one in own if one.id != entry.not_to], is_over


def _helps(entry: Entry, overflow: Line, agent: Agent) -> bool:
    """Whether somebody of the other queue may take it: they serve that one, and see all teams' conversations."""
    if overflow.team_id is not None and overflow.team_id not in agent.team_ids:
        return False
    return not agent.sees_own_teams_only or (entry.team_id is not None and entry.team_id in agent.team_ids)


# Who of them ----------------------------------------------------------------------------------------------------------


def _rank(entry: Entry, line: Line, agent: Agent) -> tuple[float | datetime | int, ...]:
    lacking = sum(agent.skills.get(skill, 0) < level for skill, level in entry.skills)
    given = agent.given_at or NEVER
    if line.is_in_turn:
        return (lacking, given, agent.id)
    return (lacking, agent.load / agent.capacity, given, agent.id)


def pick(entry: Entry, line: Line, candidates: Iterable[Agent]) -> Agent | None:
    """Of those who have room: who has the most of the skills, then the least busy, or whose turn it is."""
    free = [one for one in candidates if one.room > 0]
    return min(free, key=lambda one: _rank(entry, line, one)) if free else None


def choose(
    entry: Entry, agents: Iterable[Agent], *, lines: Mapping[int, Line], at: datetime
) -> tuple[Agent, Why] | None:
    """Who gets this one now, and why; None when it waits."""
    known = {one.id: one for one in agents}
    candidates, is_over = suited(entry, known, lines=lines, at=at)
    found = pick(entry, lines[entry.line_id], candidates)
    return None if found is None else (found, _why(entry, lines[entry.line_id], found, is_over=is_over, at=at))


def _why(entry: Entry, line: Line, agent: Agent, *, is_over: bool, at: datetime) -> Why:
    if is_over:
        return "overflow"
    if agent.id == entry.last_agent_id and at - entry.entered_at < timedelta(minutes=line.last_agent_minutes):
        return "last_agent"
    return "round_robin" if line.is_in_turn else "least_busy"


# All at once ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Kind:
    """Entries that are alike: who is suited for them, the first in rank on top, and whether they only help out.

    A rank that was pushed earlier may be too low by now, never too high: it is looked at anew when it comes up.
    """

    ranks: list[tuple[tuple[float | datetime | int, ...], int]]
    is_over: bool


@dataclass(slots=True)
class _Hands:
    """Everybody as the plan goes on, and who is suited for each kind of entry."""

    agents: dict[int, Agent]
    lines: Mapping[int, Line]
    at: datetime
    kinds: dict[tuple[object, ...], _Kind] = field(default_factory=dict)

    def best(self, entry: Entry) -> tuple[Agent, bool] | None:
        """The same as `pick` of those who are `suited`, and whether they help out."""
        line = self.lines[entry.line_id]
        kept_for = waits_for(entry, line, self.agents, at=self.at)
        if kept_for is not None:
            return (kept_for, False) if kept_for.room else None
        name = (entry.line_id, entry.team_id, entry.skills, wants_skills(entry, line, at=self.at), entry.not_to)
        kind = self.kinds.get(name) or self.kinds.setdefault(name, self._kind(entry))
        while kind.ranks:
            rank, key = kind.ranks[0]
            agent = self.agents[key]
            if agent.room < 1:
                heappop(kind.ranks)
            elif (now := _rank(entry, line, agent)) != rank:
                heapreplace(kind.ranks, (now, key))
            else:
                return agent, kind.is_over
        return None

    def _kind(self, entry: Entry) -> _Kind:
        found, is_over = suited(entry, self.agents, lines=self.lines, at=self.at)
        line = self.lines[entry.line_id]
        ranks = [(_rank(entry, line, one), one.id) for one in found if one.room]
        heapify(ranks)
        return _Kind(ranks, is_over)


def plan(
    entries: Iterable[Entry], agents: Iterable[Agent], *, lines: Mapping[int, Line], at: datetime
) -> list[Assignment]:
    """Who gets what now, in order: everybody who waits in a queue that is given out, the most urgent first.

    No one gets more than their room, and nobody waits for whom somebody suited has room.
    """
    hands = _Hands(agents={one.id: one for one in agents if one.is_online}, lines=lines, at=at)
    room = sum(one.room for one in hands.agents.values())
    if not room:
        return []
    pushed = [entry for entry in entries if entry.line_id in lines and lines[entry.line_id].is_pushed]
    given: list[Assignment] = []
    for entry in in_order(pushed, lines=lines, at=at):
        best = hands.best(entry)
        if best is None:
            continue
        found, is_over = best
        line = lines[entry.line_id]
        why = _why(entry, line, found, is_over=is_over, at=at)
        given.append(Assignment(entry_id=entry.id, line_id=line.id, agent_id=found.id, why=why))
        # Microseconds keep the turns of one moment apart.
        turn = at + timedelta(microseconds=len(given))
        hands.agents[found.id] = replace(found, load=found.load + 1, given_at=turn)
        if len(given) == room:
            break
    return given


def next_for(
    agent: Agent,
    entries: Iterable[Entry],
    agents: Iterable[Agent],
    *,
    lines: Mapping[int, Line],
    at: datetime,
) -> Entry | None:
    """What somebody who asks for the next one gets: the most urgent they are suited for, whoever else is there.

    Whether they have room is asked before; somebody who asks is there.
    """
    known = {one.id: one for one in agents} | {agent.id: replace(agent, is_online=True)}
    for entry in in_order(entries, lines=lines, at=at):
        if any(one.id == agent.id for one in suited(entry, known, lines=lines, at=at)[0]):
            return entry
    return None
