"""What a wallboard says, made of plain facts; and the secret in a link for a screen on the wall."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

MOST = 1000
"""Nobody counts further: people read "1000+"."""
SHOWN = 6
"""How many of those who wait are listed, and how many teams."""
BUCKET = timedelta(minutes=2)
BUCKETS = 30
MANY_LOOKS = 300
"""How often one link may be asked for in `LOOKS_IN`; a screen asks every two seconds at most."""
LOOKS_IN = timedelta(minutes=1)
MOST_LINKS = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Waits:
    """One conversation whose customer waits since then. Ids are None where there is no team or nobody has it."""

    conversation_id: int
    since: datetime
    channel_id: int
    team_id: int | None = None
    member_id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """A customer's texts in a row and our answer: both moments, None for what is not of today."""

    since: datetime | None
    answered_at: datetime | None
    team_id: int | None
    channel_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A share of the day: customers who wrote, how many were answered, and of how many the wait is known and in time.

    `median` is of the known waits, in seconds of open time; None without any.
    """

    arrivals: int = 0
    answered: int = 0
    known: int = 0
    in_time: int = 0
    median: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """Today in sum and by team (None: no team)."""

    whole: Part
    teams: Mapping[int | None, Part]


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamLine:
    """One team (None: no team). `in_time` is percent of those answered today, None without any."""

    team_id: int | None
    waiting: int
    since: datetime | None
    in_time: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """Texts in and replies out in the two minutes from `start`."""

    start: datetime
    texts: int
    replies: int


def day_of(runs: Sequence[Run], *, goal: float, waited: Callable[[Run], float | None]) -> Day:
    """Today from its runs. `waited` measures one that has both moments, None where no open time lies between them;
    `goal` is in the same seconds.
    """
    by_team: dict[int | None, list[Run]] = {}
    for run in runs:
        by_team.setdefault(run.team_id, []).append(run)
    measured = {run: waited(run) for run in runs if run.since is not None and run.answered_at is not None}
    waits = {run: wait for run, wait in measured.items() if wait is not None}
    parts = {team: _part(own, waits, goal) for team, own in by_team.items()}
    return Day(whole=_part(runs, waits, goal), teams=parts)


def _part(runs: Sequence[Run], waits: Mapping[Run, float], goal: float) -> Part:
    known = [waits[run] for run in runs if run in waits]
    return Part(
        arrivals=sum(run.since is not None for run in runs),
        answered=sum(run.answered_at is not None for run in runs),
        known=len(known),
        in_time=sum(wait <= goal for wait in known),
        median=median(known) if known else None,
    )


def team_lines(waits: Sequence[Waits], today: Mapping[int | None, Part]) -> tuple[TeamLine, ...]:
    """A line for each team that has anybody waiting or had anything today, the most pressing first."""
    found: dict[int | None, list[Waits]] = {}
    for one in waits:
        found.setdefault(one.team_id, []).append(one)
    lines = [
        TeamLine(
            team_id=key,
            waiting=len(found.get(key, ())),
            since=min((one.since for one in found.get(key, ())), default=None),
            in_time=percent(today[key].in_time, today[key].known) if key in today else None,
        )
        for key in found.keys() | today.keys()
    ]
    return tuple(sorted(lines, key=lambda line: (-line.waiting, line.team_id is None, line.team_id or 0)))


def percent(part: int, whole: int) -> int | None:
    """A share in whole percent; None of nothing. All is said only of all, and none only of none."""
    if whole <= 0:
        return None
    if 0 < part < whole:
        return min(99, max(1, round(100 * part / whole)))
    return round(100 * part / whole)


def bars(counts: Iterable[tuple[int, str, int]], *, since: datetime) -> tuple[Bar, ...]:
    """The last hour from (which two minutes, direction, how many)."""
    told = {(number, direction): count for number, direction, count in counts}
    return tuple(
        Bar(start=since + number * BUCKET, texts=told.get((number, "in"), 0), replies=told.get((number, "out"), 0))
        for number in range(BUCKETS)
    )


def hour_of(at: datetime) -> datetime:
    """Where the first of the last hour's bars begins: they stand on even minutes, and the last one holds `at`."""
    even = at.replace(minute=at.minute // 2 * 2, second=0, microsecond=0)
    return even - (BUCKETS - 1) * BUCKET


def new_secret() -> str:
    """What the address of a link ends with: 192 random bits."""
    return secrets.token_urlsafe(24)


def digest(secret: str) -> str:
    """What is kept of it: SHA-256 in hexadecimal. It is random and long, so a slow hash would gain nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()
