"""A day with 40 members and 4,000 texts: at every moment what the rules promise holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from statistics import mean

import pytest

from tests.routing.day import LINES, URGENT, Day, Moment
from twoway.routing.rules import Agent, Entry

# What is promised, said once more without the functions that are on trial --------------------------------------------


def minutes(entry: Entry, at: datetime) -> float:
    return (at - entry.entered_at).total_seconds() / 60


def urgency(entry: Entry, at: datetime) -> tuple[int, datetime, int]:
    """The least of these is the most urgent."""
    aged = int(minutes(entry, at) // LINES[entry.line_id].ageing_minutes)
    return (-entry.priority - aged, entry.entered_at, entry.id)


def is_theirs(entry: Entry, team_id: int | None, agent: Agent) -> bool:
    """Online, of the team, and they may see it."""
    sees = not agent.sees_own_teams_only or entry.team_id in agent.team_ids
    return agent.is_online and sees and (team_id is None or team_id in agent.team_ids)


def kept_for(entry: Entry, agents: Mapping[int, Agent], at: datetime) -> int | None:
    line, last = LINES[entry.line_id], agents.get(entry.last_agent_id or 0)
    if last is None or minutes(entry, at) >= line.last_agent_minutes:
        return None
    return last.id if is_theirs(entry, entry.team_id or line.team_id, last) else None


def needs_skills(entry: Entry, at: datetime) -> bool:
    limit = LINES[entry.line_id].skill_minutes
    return bool(entry.skills) and (limit is None or minutes(entry, at) < limit)


def could_have(entry: Entry, agents: Mapping[int, Agent], at: datetime) -> set[int]:
    """Everybody who may be given it, if they have room."""
    line, last = LINES[entry.line_id], kept_for(entry, agents, at)
    if last is not None:
        return {last}
    there = [one for one in agents.values() if is_theirs(entry, entry.team_id or line.team_id, one)]
    if not there and line.overflow_id is not None:
        there = [one for one in agents.values() if is_theirs(entry, LINES[line.overflow_id].team_id, one)]
    if needs_skills(entry, at):
        there = [one for one in there if all(one.skills.get(skill, 0) >= level for skill, level in entry.skills)]
    return {one.id for one in there}


def kinds(moment: Moment) -> list[Entry]:
    """Of those who wait, the most urgent of each kind: what holds for it holds for the others of its kind."""
    found: dict[tuple[object, ...], Entry] = {}
    for one in sorted(moment.waiting.values(), key=lambda each: urgency(each, moment.at)):
        last, must = kept_for(one, moment.agents, moment.at), needs_skills(one, moment.at)
        found.setdefault((one.line_id, one.team_id, one.skills, must, last), one)
    return list(found.values())


def check_given(moment: Moment) -> None:
    """Nobody has more than they may, and whoever got one could have it."""
    for one in moment.agents.values():
        assert 0 <= one.load <= one.capacity
    for made in moment.made:
        assert made.agent_id in could_have(moment.given[made.entry_id], moment.before, moment.at)


def check_nobody_waits_beside_somebody_free(waiting: Iterable[Entry], moment: Moment) -> None:
    for one in waiting:
        for key in could_have(one, moment.agents, moment.at):
            assert moment.agents[key].load == moment.agents[key].capacity


def check_urgency(waiting: Iterable[Entry], moment: Moment) -> None:
    """Whoever was given to somebody was at least as urgent as all who wait for the same member."""
    for one in waiting:
        suited = could_have(one, moment.before, moment.at)
        for made in moment.made:
            if made.agent_id in suited:
                assert urgency(moment.given[made.entry_id], moment.at) < urgency(one, moment.at)


def check_the_last_first_and_the_least_busy(moment: Moment) -> None:
    """Where a moment gives a single one: nobody who could have it has less to do."""
    (made,) = moment.made
    entry, line = moment.given[made.entry_id], LINES[made.line_id]
    if kept_for(entry, moment.before, moment.at) is not None:
        assert made.agent_id == entry.last_agent_id
    elif not line.is_in_turn and not entry.skills:
        free = [moment.before[key] for key in could_have(entry, moment.before, moment.at)]
        least = min(one.load / one.capacity for one in free if one.load < one.capacity)
        got = moment.before[made.agent_id]
        assert got.load / got.capacity == least


@pytest.mark.parametrize("seed", [1, 2026])
def test_a_day(seed: int) -> None:
    day = Day(seed=seed)
    most, moments, whys = 0, 0, set[str]()
    for moment in day.run():
        moments += 1
        whys |= {made.why for made in moment.made}
        check_given(moment)
        if len(moment.made) == 1:
            check_the_last_first_and_the_least_busy(moment)
        waiting = kinds(moment) if moment.waiting else []
        check_nobody_waits_beside_somebody_free(waiting, moment)
        if moment.made and waiting:
            check_urgency(waiting, moment)
        most = max(most, len(moment.waiting))
    assert moments > 6000
    assert whys == {"least_busy", "round_robin", "last_agent", "overflow"}
    assert most > 100, "a day on which nobody waits shows nothing"
    assert not day.waiting
    assert sum(map(len, day.waits.values())) == day.texts
    assert set(day.given) == set(range(1, day.members + 1))
    assert mean(day.waits[URGENT]) < min(mean(waits) for key, waits in day.waits.items() if key != URGENT)


def test_the_same_seed_is_the_same_day() -> None:
    first, second = (Day(seed=7, texts=300, members=6) for _ in range(2))
    assert [(one.at, one.made) for one in first.run()] == [(one.at, one.made) for one in second.run()]
    assert first.waits == second.waits
