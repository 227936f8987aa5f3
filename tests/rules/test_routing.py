"""Who gets what: the order of those who wait, who is suited, who of them gets it; one by one and all at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twoway.routing import rules
from twoway.routing.rules import Agent, Assignment, Entry, Line

NOW = datetime(2026, 3, 10, 17, 0, tzinfo=UTC)


def line(key: int = 1, **fields: Any) -> Line:
    return Line(id=key, **{"ageing_minutes": 0, "skill_minutes": 10, **fields})


def entry(key: int = 1, *, waited: float = 0, line_id: int = 1, priority: int = 3, **fields: Any) -> Entry:
    return Entry(id=key, line_id=line_id, priority=priority, entered_at=NOW - timedelta(minutes=waited), **fields)


def agent(key: int, **fields: Any) -> Agent:
    return Agent(id=key, **fields)


def chosen(one: Entry, agents: Iterable[Agent], *lines: Line) -> tuple[int, str] | None:
    found = rules.choose(one, agents, lines={each.id: each for each in lines or (line(),)}, at=NOW)
    return (found[0].id, found[1]) if found else None


def planned(entries: Iterable[Entry], agents: Iterable[Agent], *lines: Line) -> list[tuple[int, int]]:
    found = rules.plan(entries, agents, lines={each.id: each for each in lines or (line(),)}, at=NOW)
    return [(one.entry_id, one.agent_id) for one in found]


@pytest.mark.parametrize(
    ("ageing", "waited", "priority", "effective"),
    [(0, 600, 3, 3), (15, 14.9, 3, 3), (15, 15, 3, 4), (15, 45, 1, 4), (1, 90, 5, 95), (15, -5, 2, 2)],
)
def test_waiting_raises_priority(ageing: int, waited: float, priority: int, effective: int) -> None:
    one = entry(waited=waited, priority=priority)
    assert rules.effective_priority(one, line(ageing_minutes=ageing), at=NOW) == effective


def test_the_order_is_priority_then_age_then_id() -> None:
    entries = [
        entry(1, waited=1),
        entry(2, waited=9),
        entry(3, waited=0, priority=5),
        entry(4, waited=9),
        entry(5, line_id=9),
    ]
    assert [one.id for one in rules.in_order(entries, lines={1: line()}, at=NOW)] == [3, 2, 4, 1]
    aged = [entry(1, waited=61, priority=1), entry(2, waited=0, priority=4)]
    assert [one.id for one in rules.in_order(aged, lines={1: line(ageing_minutes=15)}, at=NOW)] == [1, 2]


@pytest.mark.parametrize(
    ("fields", "agents", "who"),
    [
        ({}, [agent(1, load=3), agent(2, load=1), agent(3, load=2)], (2, "least_busy")),
        ({}, [agent(1, load=2, capacity=4), agent(2, load=3, capacity=10)], (2, "least_busy")),
        ({}, [agent(1, given_at=NOW), agent(2, given_at=NOW - timedelta(minutes=5))], (2, "least_busy")),
        ({}, [agent(1, given_at=NOW), agent(2)], (2, "least_busy")),
        ({}, [agent(1, is_online=False), agent(2, load=5)], None),
        ({}, [agent(1, capacity=0)], None),
        (
            {"is_in_turn": True},
            [agent(1, given_at=NOW), agent(2, load=4, given_at=NOW - timedelta(1))],
            (2, "round_robin"),
        ),
        ({"team_id": 7}, [agent(1), agent(2, load=4, team_ids=frozenset({7}))], (2, "least_busy")),
        ({}, [agent(1, sees_own_teams_only=True, team_ids=frozenset({7})), agent(2, load=4)], (2, "least_busy")),
    ],
)
def test_who_gets_it(fields: dict[str, Any], agents: list[Agent], who: tuple[int, str] | None) -> None:
    assert chosen(entry(), agents, line(**fields)) == who


def test_the_team_it_is_with_comes_before_the_queues() -> None:
    both = [agent(1, team_ids=frozenset({7})), agent(2, team_ids=frozenset({8}), sees_own_teams_only=True)]
    assert chosen(entry(team_id=8), both, line(team_id=7)) == (2, "least_busy")
    assert chosen(entry(team_id=9), both, line(team_id=7)) is None


@pytest.mark.parametrize(
    ("waited", "limit", "skills", "who"),
    [
        (0, 10, {1: 3}, 1),
        (0, 10, {1: 2}, None),
        (9.9, 10, {}, None),
        (10, 10, {}, 1),
        (900, None, {2: 5}, None),
    ],
)
def test_skills_are_a_must_for_a_while(
    waited: float, limit: int | None, skills: dict[int, int], who: int | None
) -> None:
    found = chosen(entry(waited=waited, skills=((1, 3),)), [agent(1, skills=skills)], line(skill_minutes=limit))
    assert (found[0] if found else None) == who


def test_after_a_while_who_has_most_of_the_skills() -> None:
    some = [agent(1), agent(2, load=4, skills={1: 3}), agent(3, load=4, skills={1: 3, 2: 1})]
    assert chosen(entry(waited=11, skills=((1, 3), (2, 2))), some) == (2, "least_busy")


@pytest.mark.parametrize(
    ("waited", "last", "who"),
    [
        (0, agent(2, load=4), (2, "last_agent")),
        (0, agent(2, load=5), None),
        (5, agent(2, load=5), (1, "least_busy")),
        (0, agent(2, is_online=False), (1, "least_busy")),
        (0, agent(2, capacity=0), (1, "least_busy")),
    ],
)
def test_who_wrote_last_goes_first_for_a_while(waited: float, last: Agent, who: tuple[int, str] | None) -> None:
    found = chosen(entry(waited=waited, last_agent_id=2), [agent(1), last], line(last_agent_minutes=5))
    assert found == who


def test_who_put_it_there_does_not_get_it_back() -> None:
    assert chosen(entry(not_to=1), [agent(1), agent(2, load=4)]) == (2, "least_busy")
    assert chosen(entry(not_to=1, last_agent_id=1), [agent(1)], line(last_agent_minutes=5)) is None
    assert planned([entry(1, not_to=1), entry(2)], [agent(1), agent(2, load=4)]) == [(1, 2), (2, 1)]


def test_another_queue_helps_only_while_nobody_of_its_own_is_there() -> None:
    night, day = line(1, team_id=7, overflow_id=2), line(2, team_id=8)
    own, other = agent(1, team_ids=frozenset({7}), load=5), agent(2, team_ids=frozenset({8}))
    assert chosen(entry(), [own, other], night, day) is None
    assert chosen(entry(), [replace(own, is_online=False), other], night, day) == (2, "overflow")
    assert chosen(entry(team_id=7), [other], night, day) == (2, "overflow")
    assert chosen(entry(team_id=7), [replace(other, sees_own_teams_only=True)], night, day) is None


def test_all_at_once_shares_the_work_and_stops_at_capacity() -> None:
    entries = [entry(key, waited=10 - key) for key in range(1, 10)]
    found = planned(entries, [agent(1, capacity=3), agent(2, capacity=4, load=1)])
    assert [one for one, _ in found] == [1, 2, 3, 4, 5, 6]
    assert Counter(who for _, who in found) == {1: 3, 2: 3}


def test_in_turn_goes_round() -> None:
    entries = [entry(key, waited=10 - key) for key in range(1, 7)]
    assert [who for _, who in planned(entries, [agent(1), agent(2), agent(3)], line(is_in_turn=True))] == [1, 2, 3] * 2


def test_what_is_taken_with_next_is_not_given_out() -> None:
    assert planned([entry(1), entry(2, line_id=2)], [agent(1)], line(1, is_pushed=False), line(2)) == [(2, 1)]


def test_next_is_the_most_urgent_one_is_suited_for() -> None:
    lines = {1: line(1, team_id=7, is_pushed=False, last_agent_minutes=5), 2: line(2)}
    entries = [
        entry(1, waited=9, line_id=2, team_id=8),
        entry(2, waited=3, skills=((1, 1),)),
        entry(3, waited=2, last_agent_id=5),
        entry(4, waited=1),
        entry(5, waited=0, priority=1),
    ]
    me, last = agent(4, is_online=False, team_ids=frozenset({7})), agent(5, team_ids=frozenset({7}))
    found = rules.next_for(me, entries, [me, last], lines=lines, at=NOW)
    assert found is not None
    assert found.id == 4
    assert rules.next_for(agent(6), entries, [last], lines=lines, at=NOW) is None


# Whatever waits and whoever is there ----------------------------------------------------------------------------------

TEAMS, SKILLS = (7, 8), (1, 2)
_lines = st.builds(
    Line,
    id=st.just(0),
    team_id=st.sampled_from([None, *TEAMS]),
    is_pushed=st.booleans(),
    is_in_turn=st.booleans(),
    ageing_minutes=st.sampled_from([0, 1, 15]),
    last_agent_minutes=st.sampled_from([0, 5]),
    skill_minutes=st.sampled_from([None, 0, 10]),
    overflow_id=st.sampled_from([None, 1, 2, 3]),
)
_agents = st.builds(
    Agent,
    id=st.just(0),
    is_online=st.booleans(),
    load=st.integers(0, 4),
    capacity=st.integers(0, 4),
    skills=st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 5)),
    team_ids=st.frozensets(st.sampled_from(TEAMS)),
    sees_own_teams_only=st.booleans(),
)
_entries = st.builds(
    Entry,
    id=st.just(0),
    line_id=st.integers(1, 4),
    priority=st.integers(1, 5),
    entered_at=st.integers(0, 40).map(lambda minutes: NOW - timedelta(minutes=minutes)),
    skills=st.sampled_from([(), ((1, 2),), ((1, 1), (2, 3))]),
    last_agent_id=st.sampled_from([None, 1, 2, 3]),
    team_id=st.sampled_from([None, *TEAMS]),
    not_to=st.sampled_from([None, None, 1]),
)


@st.composite
def desks(draw: st.DrawFn) -> tuple[list[Entry], list[Agent], dict[int, Line]]:
    """Some queues, members and conversations, numbered from 1."""
    lines = [replace(one, id=key) for key, one in enumerate(draw(st.lists(_lines, min_size=1, max_size=3)), 1)]
    agents = [replace(one, id=key) for key, one in enumerate(draw(st.lists(_agents, max_size=6)), 1)]
    entries = [replace(one, id=key) for key, one in enumerate(draw(st.lists(_entries, max_size=14)), 1)]
    return entries, agents, {one.id: one for one in lines}


def after(agents: list[Agent], made: list[Assignment]) -> list[Agent]:
    """The members with what they were given."""
    more = Counter(one.agent_id for one in made)
    return [replace(one, load=one.load + more[one.id]) for one in agents]


@settings(max_examples=400)
@given(desks())
def test_nobody_gets_too_much_or_what_is_not_theirs(desk: tuple[list[Entry], list[Agent], dict[int, Line]]) -> None:
    entries, agents, lines = desk
    made = rules.plan(entries, agents, lines=lines, at=NOW)
    known = {one.id: one for one in entries}
    people = {one.id: one for one in agents}
    assert len({one.entry_id for one in made}) == len(made)
    for one in after(agents, made):
        assert one.load <= max(one.capacity, people[one.id].load)
    for each in made:
        entry_, who = known[each.entry_id], people[each.agent_id]
        line_ = lines[entry_.line_id]
        assert who.is_online
        assert who.id != entry_.not_to
        assert line_.is_pushed
        assert not who.sees_own_teams_only or entry_.team_id in who.team_ids
        wanted = line_.skill_minutes is None or NOW - entry_.entered_at < timedelta(minutes=line_.skill_minutes)
        if wanted and each.why != "last_agent":
            assert all(who.skills.get(skill, 0) >= level for skill, level in entry_.skills)
        if each.why != "overflow":
            team = entry_.team_id or line_.team_id
            assert team is None or team in who.team_ids


@settings(max_examples=400)
@given(desks())
def test_nobody_waits_for_whom_somebody_suited_has_room(desk: tuple[list[Entry], list[Agent], dict[int, Line]]) -> None:
    entries, agents, lines = desk
    made = rules.plan(entries, agents, lines=lines, at=NOW)
    left = after(agents, made)
    given_ = {one.entry_id for one in made}
    for one in entries:
        if one.id not in given_ and one.line_id in lines and lines[one.line_id].is_pushed:
            assert rules.choose(one, left, lines=lines, at=NOW) is None


@settings(max_examples=400)
@given(desks())
def test_who_waits_is_never_less_urgent_than_who_was_given_the_same_person(
    desk: tuple[list[Entry], list[Agent], dict[int, Line]],
) -> None:
    entries, agents, lines = desk
    made = rules.plan(entries, agents, lines=lines, at=NOW)
    order = {one.id: place for place, one in enumerate(rules.in_order(entries, lines=lines, at=NOW))}
    people = {one.id: one for one in agents}
    given_ = {one.entry_id for one in made}
    waiting = [one for one in entries if one.id in order and one.id not in given_ and lines[one.line_id].is_pushed]
    for one in waiting:
        suited = {who.id for who in rules.suited(one, people, lines=lines, at=NOW)[0]}
        assert all(order[each.entry_id] < order[one.id] for each in made if each.agent_id in suited)


@given(desks())
def test_the_same_desk_gives_the_same_plan(desk: tuple[list[Entry], list[Agent], dict[int, Line]]) -> None:
    entries, agents, lines = desk
    assert rules.plan(entries, agents, lines=lines, at=NOW) == rules.plan(
        reversed(entries), reversed(agents), lines=lines, at=NOW
    )
