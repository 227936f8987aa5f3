"""How many people a stretch of time needs, by Erlang C (Erlang, 1917: one queue, random arrivals, patience).

`load` is in erlangs: arrivals an hour times the hours one of them takes. Texting is more patient than a telephone, so
for targets of more than some minutes this asks for rather too many than too few.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, exp, inf

HALF_HOUR = 1800
MOST_PEOPLE = 5000
"""Nobody plans for more; a load beyond it is answered with this many."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """How a workspace staffs: answer `share` percent within `target` seconds, `concurrency` conversations at once.

    `handle` is seconds of attention an answered wait takes; `shrinkage` the percent of paid time that people are away
    from the desk (breaks, meetings, illness).
    """

    target: int = 900
    share: int = 80
    handle: float = 180.0
    concurrency: int = 3
    shrinkage: int = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Staffing:
    """What a half hour needs: `people` at the desk, `scheduled` on the roster, and what they then reach.

    `level` is the share answered within the target and `busy` the share of their time that is taken, both 0 to 1;
    `wait` is the mean in seconds.
    """

    people: int
    scheduled: int
    level: float
    busy: float
    wait: float


def blocked(load: float, people: int) -> float:
    """Erlang B: the share of arrivals that find all of them taken when nobody can queue, 0 to 1."""
    share = 1.0
    for each in range(1, people + 1):
        share = load * share / (each + load * share)
    return share


def queued(load: float, people: int) -> float:
    """Erlang C: the share of arrivals that has to wait, 0 to 1. All of them where the load is too much."""
    return _queued(load, people, blocked(load, people))


def _queued(load: float, people: int, share: float) -> float:
    if people <= load:
        return 1.0 if load > 0 else 0.0
    return people * share / (people - load * (1 - share))


def within(load: float, people: int, *, handle: float, target: float) -> float:
    """The share answered within `target` seconds, 0 to 1, where one takes `handle` seconds."""
    return _within(load, people, queued(load, people), handle=handle, target=target)


def _within(load: float, people: int, waiting: float, *, handle: float, target: float) -> float:
    if load <= 0:
        return 1.0
    return 0.0 if people <= load else 1 - waiting * exp(-(people - load) * target / handle)


def mean_wait(load: float, people: int, *, handle: float) -> float:
    """Seconds until an answer on average; endless where the load is too much."""
    if load <= 0:
        return 0.0
    return inf if people <= load else queued(load, people) * handle / (people - load)


def load_of(arrivals: float, terms: Terms) -> float:
    """The load of so many arrivals in half an hour; who answers several at once takes that much less for each."""
    return arrivals * _each(terms) / HALF_HOUR


def _each(terms: Terms) -> float:
    return terms.handle / max(1, terms.concurrency)


def staffing(arrivals: float, terms: Terms, *, least: int = 1) -> Staffing:
    """The fewest people who reach the target with so many arrivals in half an hour, and no fewer than `least`."""
    load = load_of(arrivals, terms)
    people, share = 0, 1.0
    while people < MOST_PEOPLE:
        if people >= least and _is_enough(load, people, share, terms):
            break
        people += 1
        share = load * share / (people + load * share)
    waiting = _queued(load, people, share)
    return Staffing(
        people=people,
        scheduled=ceil(round(people / (1 - min(terms.shrinkage, 90) / 100), 6)),
        level=_within(load, people, waiting, handle=_each(terms), target=terms.target),
        busy=min(1.0, load / people) if people else 0.0,
        wait=mean_wait(load, people, handle=_each(terms)),
    )


def _is_enough(load: float, people: int, share: float, terms: Terms) -> bool:
    waiting = _queued(load, people, share)
    return _within(load, people, waiting, handle=_each(terms), target=terms.target) * 100 >= terms.share


def reached(arrivals: float, people: float, terms: Terms) -> float:
    """The share within the target that so many people reach, 0 to 1; part of a person counts as part of the gain."""
    load, whole = load_of(arrivals, terms), int(people)
    below = within(load, whole, handle=_each(terms), target=terms.target)
    if people == whole:
        return below
    above = within(load, whole + 1, handle=_each(terms), target=terms.target)
    return below + (above - below) * (people - whole)
