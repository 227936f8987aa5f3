"""A day with 40 members and 4,000 texts: at every moment what the rules promise holds."""

from __future__ import annotations

from statistics import mean

import pytest

from tests.routing.day import LINES, URGENT, Day, Moment
from twoway.routing import rules
from twoway.routing.rules import Entry


def kinds(moment: Moment) -> dict[tuple[object, ...], Entry]:
    """Of those who wait, the most urgent of each kind: what holds for it holds for the others of its kind."""
    found: dict[tuple[object, ...], Entry] = {}
    for one in rules.in_order(moment.waiting.values(), lines=LINES, at=moment.at):
        line = LINES[one.line_id]
        kept = rules.waits_for(one, line, moment.agents, at=moment.at)
        must = rules.wants_skills(one, line, at=moment.at)
        found.setdefault((one.line_id, one.team_id, one.skills, must, kept.id if kept else 0), one)
    return found


def check_capacity(moment: Moment) -> None:
    for one in moment.agents.values():
        assert 0 <= one.load <= one.capacity
    for made in moment.made:
        assert moment.before[made.agent_id].is_online


def check_nobody_waits_beside_somebody_free(waiting: dict[tuple[object, ...], Entry], moment: Moment) -> None:
    for one in waiting.values():
        assert rules.choose(one, moment.agents.values(), lines=LINES, at=moment.at) is None


def check_urgency(waiting: dict[tuple[object, ...], Entry], moment: Moment) -> None:
    """Whoever was given to somebody was at least as urgent as all who wait for the same member."""
    for one in waiting.values():
        suited = {who.id for who in rules.suited(one, moment.agents, lines=LINES, at=moment.at)[0]}
        for made in moment.made:
            if made.agent_id in suited:
                pair = rules.in_order([moment.given[made.entry_id], one], lines=LINES, at=moment.at)
                assert pair[0].id == made.entry_id


@pytest.mark.parametrize("seed", [1, 2026])
def test_a_day(seed: int) -> None:
    day = Day(seed=seed)
    most, moments = 0, 0
    for moment in day.run():
        moments += 1
        check_capacity(moment)
        waiting = kinds(moment) if moment.waiting else {}
        check_nobody_waits_beside_somebody_free(waiting, moment)
        if moment.made and waiting:
            check_urgency(waiting, moment)
        most = max(most, len(moment.waiting))
    assert moments > 6000
    assert most > 100, "a day on which nobody waits shows nothing"
    assert not day.waiting
    assert sum(map(len, day.waits.values())) == day.texts
    assert set(day.given) == set(range(1, day.members + 1))
    assert mean(day.waits[URGENT]) < min(mean(waits) for key, waits in day.waits.items() if key != URGENT)


def test_the_same_seed_is_the_same_day() -> None:
    first, second = (Day(seed=7, texts=300, members=6) for _ in range(2))
    assert [(one.at, one.made) for one in first.run()] == [(one.at, one.made) for one in second.run()]
    assert first.waits == second.waits
