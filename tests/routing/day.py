"""A day at a desk on a clock of its own: texts come by the hour, members come, take breaks and go, answers take time.

Everything is decided by `twoway.routing.rules`, as the worker's loop decides it. The day is a list of moments; at each
one what happened is applied and whoever waits is given out. The same seed is the same day.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from twoway.routing import rules
from twoway.routing.rules import Agent, Assignment, Entry, Line

OPENS = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
MEETING = OPENS + timedelta(hours=5)
"""Nobody of Billing is there for a while: others help out."""
BILLING, FLEET = 1, 2
SPANISH, TRUCKS = 1, 2
LINES = {
    1: Line(id=1, ageing_minutes=15, last_agent_minutes=3),
    2: Line(id=2, team_id=BILLING, ageing_minutes=15, is_in_turn=True, overflow_id=1),
    3: Line(id=3, ageing_minutes=10, skill_minutes=8),
    4: Line(id=4, ageing_minutes=5, last_agent_minutes=2),
}
URGENT = 4
BY_HOUR = (2, 4, 6, 7, 8, 6, 5, 7, 8, 6, 3, 1)
"""How many texts come in each hour from 8 to 20, in parts of the day's."""


@dataclass(slots=True)
class Moment:
    """What a check is given after everybody who could be was given out."""

    at: datetime
    waiting: dict[int, Entry]
    agents: dict[int, Agent]
    made: list[Assignment]
    given: dict[int, Entry]
    before: dict[int, Agent]


@dataclass(slots=True)
class Day:
    """A day as it goes on. `waits` has seconds until each text was given, by queue."""

    seed: int
    texts: int = 4000
    members: int = 40
    agents: dict[int, Agent] = field(default_factory=dict)
    waiting: dict[int, Entry] = field(default_factory=dict)
    waits: dict[int, list[float]] = field(default_factory=lambda: {key: [] for key in LINES})
    given: dict[int, int] = field(default_factory=dict)
    _due: list[tuple[datetime, int, str, int]] = field(default_factory=list)
    _serial: int = 0

    def run(self) -> Iterator[Moment]:
        """Every moment of it, until everybody was answered and everyone has gone home."""
        chance = random.Random(self.seed)
        self._hire(chance)
        self._write(chance)
        while self._due:
            at, _, what, key = heapq.heappop(self._due)
            self._happen(what, key, at, chance)
            while self._due and self._due[0][0] == at:
                _, _, what, key = heapq.heappop(self._due)
                self._happen(what, key, at, chance)
            before = dict(self.agents)
            made = rules.plan(self.waiting.values(), self.agents.values(), lines=LINES, at=at)
            given = {one.entry_id: self.waiting[one.entry_id] for one in made}
            for one in made:
                self._give(one, at, chance)
            yield Moment(at=at, waiting=self.waiting, agents=self.agents, made=made, given=given, before=before)

    def _later(self, at: datetime, what: str, key: int) -> None:
        self._serial += 1
        heapq.heappush(self._due, (at, self._serial, what, key))

    def _hire(self, chance: random.Random) -> None:
        """Members with teams, skills and shifts; half begin late. The last of the night stay until all is done."""
        for key in range(1, self.members + 1):
            skills = {SPANISH: chance.randint(1, 5)} if chance.random() < 0.3 else {}
            if chance.random() < 0.2:
                skills[TRUCKS] = chance.randint(1, 5)
            teams = frozenset({BILLING} if key % 4 == 0 else {FLEET} if key % 4 == 1 else set())
            self.agents[key] = Agent(
                id=key,
                is_online=False,
                capacity=chance.choice([3, 4, 5]),
                skills=skills,
                team_ids=teams,
                sees_own_teams_only=key % 20 == 0,
            )
            starts = OPENS + timedelta(minutes=chance.choice([5, 30, 180, 240]) + chance.randint(0, 20))
            self._later(starts, "on", key)
            rests = starts + timedelta(minutes=chance.randint(150, 260))
            self._later(rests, "off", key)
            self._later(rests + timedelta(minutes=30), "on", key)
            if BILLING in teams:
                self._later(MEETING, "off", key)
                self._later(MEETING + timedelta(minutes=20), "on", key)
            if key % 8:
                self._later(starts + timedelta(hours=9), "off", key)

    def _write(self, chance: random.Random) -> None:
        hours = chance.choices(range(len(BY_HOUR)), weights=BY_HOUR, k=self.texts)
        for key, hour in enumerate(hours, 1):
            self._later(OPENS + timedelta(hours=hour, seconds=chance.uniform(0, 3600)), "text", key)
        for minute in range(len(BY_HOUR) * 60 + 240):
            self._later(OPENS + timedelta(minutes=minute), "tick", 0)

    def _happen(self, what: str, key: int, at: datetime, chance: random.Random) -> None:
        if what == "text":
            self.waiting[key] = self._entry(key, at, chance)
        elif what in {"on", "off"}:
            self.agents[key] = replace(self.agents[key], is_online=what == "on")
        elif what == "done":
            self.agents[key] = replace(self.agents[key], load=self.agents[key].load - 1)

    def _entry(self, key: int, at: datetime, chance: random.Random) -> Entry:
        line = chance.choices([1, 2, 3, 4], weights=[60, 20, 12, 8])[0]
        skills: rules.Skills = ((SPANISH, chance.choice([1, 3])),) if line == 3 else ()
        if line == 1 and chance.random() < 0.05:
            skills = ((TRUCKS, 2),)
        return Entry(
            id=key,
            line_id=line,
            priority={URGENT: 5, 2: 3}.get(line, chance.choice([1, 2, 3])),
            entered_at=at,
            skills=skills,
            last_agent_id=chance.randint(1, self.members) if chance.random() < 0.3 else None,
            team_id=BILLING if line == 2 else FLEET if chance.random() < 0.03 else None,
        )

    def _give(self, one: Assignment, at: datetime, chance: random.Random) -> None:
        entry = self.waiting.pop(one.entry_id)
        who = self.agents[one.agent_id]
        self.agents[who.id] = replace(who, load=who.load + 1, given_at=at)
        self.waits[entry.line_id].append((at - entry.entered_at).total_seconds())
        self.given[who.id] = self.given.get(who.id, 0) + 1
        takes = min(5400.0, chance.lognormvariate(6.7, 0.7))
        self._later(at + timedelta(seconds=takes), "done", who.id)
