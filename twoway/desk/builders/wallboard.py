"""A wallboard's numbers in words: tiles, those who wait, teams, people, the last hour. No customer is named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from twoway.analytics.wallboard.queries import Board
from twoway.analytics.wallboard.rules import MOST, SHOWN, Bar, TeamLine, Waits, percent
from twoway.desk.builders.chips import short
from twoway.desk.words import clock_words, effort_words, wait_level
from twoway.lib.words import t, tn

HIGH, STEP = 240, 26
"""The chart of the last hour, in units of its drawing: 30 steps of two bars."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tile:
    """One number. With `since` it is a wait that the browser keeps ticking; past `due` it is late."""

    key: str
    icon: str
    label: str
    value: str
    words: str
    unit: str = ""
    mood: str = "plain"
    since: datetime | None = None
    due: datetime | None = None


def shown_board(board: Board, *, names: bool) -> dict[str, Any]:
    """What the template draws. With `names` members are named and what waits is linked; customers never are."""
    return {
        "board": board,
        "tiles": _tiles(board),
        "small": _small(board),
        "waits": [_wait(one, board, names=names) for one in board.waits[:SHOWN]],
        "more": max(0, board.waiting - SHOWN),
        "lines": [_line(one, board) for one in board.lines[:SHOWN]],
        "chart": _chart(board.hour),
        "names": names,
        "goal_words": effort_words(60 * board.goal) if board.goal else "",
    }


def _many(count: int) -> str:
    return f"{MOST}+" if count >= MOST else str(count)


def _tiles(board: Board) -> list[Tile]:
    return [
        Tile(key="waiting", icon="inbox", label=t("Waiting"), value=_many(board.waiting), words=_where(board)),
        _longest(board),
        Tile(
            key="answered",
            icon="check",
            label=t("Answered today"),
            value=str(board.today.whole.answered),
            words=tn("{n} customer wrote today", "{n} customers wrote today", board.today.whole.arrivals),
        ),
    ]


def _where(board: Board) -> str:
    """Which teams they wait for, the three most pressing."""
    parts = [f"{line.waiting} {_team(line.team_id, board)}" for line in board.lines if line.waiting]
    if not parts:
        return t("Nobody waits")
    return ", ".join(parts[:3]) if board.teams else t("For an answer")


def _longest(board: Board) -> Tile:
    since = board.longest
    if since is None:
        return Tile(key="longest", icon="clock", label=t("Longest wait"), value="0:00", words=t("Nobody waits"))
    waited = (board.at - since).total_seconds()
    value, unit = tick_words(waited)
    mood = wait_level(waited, goal=board.goal)
    if board.goal is None:
        words = t("Since {time}", time=clock_words(timezone.localtime(since)))
    elif mood == "over":
        words = t("Past the goal of {time}", time=effort_words(60 * board.goal))
    else:
        words = t("The goal is {time}", time=effort_words(60 * board.goal))
    due = None if board.goal is None else since + timedelta(minutes=board.goal)
    return Tile(
        key="longest",
        icon="clock",
        label=t("Longest wait"),
        value=value,
        unit=unit,
        words=words,
        mood=mood,
        since=since,
        due=due,
    )


def tick_words(seconds: float) -> tuple[str, str]:
    """A wait as it ticks, and its unit: ("16:04", ""), ("3:05", "h"), ("2", "d"). `wallboard.js` says the same."""
    whole = max(0, int(seconds))
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d}", ""
    if whole < 86_400:
        return f"{whole // 3600}:{whole % 3600 // 60:02d}", t("h")
    return str(whole // 86_400), t("d")


def _small(board: Board) -> list[Tile]:
    """What stands in smaller print: how quickly, and how often in time."""
    tiles, whole = [], board.today.whole
    if whole.median is not None:
        value, unit = tick_words(whole.median)
        words = t("half of today's answers took less")
        tiles.append(Tile(key="median", icon="hourglass", label=t("Median reply"), value=value, unit=unit, words=words))
    share = percent(whole.in_time, whole.known)
    if share is not None and board.goal is not None:
        words = t("answered within {time} today", time=effort_words(60 * board.goal))
        tiles.append(Tile(key="in_time", icon="target", label=t("In time"), value=str(share), unit="%", words=words))
    return tiles


def _team(team_id: int | None, board: Board) -> str:
    return board.teams.get(team_id or 0, t("No team"))


def _wait(one: Waits, board: Board, *, names: bool) -> dict[str, Any]:
    waited = (board.at - one.since).total_seconds()
    member = board.members.get(one.member_id or 0, "")
    held = t("Somebody has it") if member else t("Next free person")
    value, unit = tick_words(waited)
    return {
        "id": one.conversation_id,
        "since": one.since,
        "value": value,
        "unit": unit,
        "mood": wait_level(waited, goal=board.goal),
        "seconds": int(min(waited, 60 * (board.goal or 60))),
        "most": 60 * (board.goal or 60),
        "number": board.channels.get(one.channel_id, ""),
        "team": _team(one.team_id, board),
        "with": short(member) if member and names else held,
    }


def _line(line: TeamLine, board: Board) -> dict[str, Any]:
    waited = (board.at - line.since).total_seconds() if line.since else 0.0
    value, unit = tick_words(waited)
    return {
        "name": _team(line.team_id, board),
        "waiting": _many(line.waiting),
        "since": line.since,
        "value": value,
        "unit": unit,
        "mood": wait_level(waited, goal=board.goal) if line.since else "plain",
        "in_time": line.in_time,
    }


def _chart(hour: tuple[Bar, ...]) -> dict[str, Any]:
    """Bars with their places in the drawing, lines at round numbers, and times below."""
    most = _round_up(max(max(bar.texts, bar.replies) for bar in hour))
    width = STEP * len(hour)
    return {
        "box": f"-34 -10 {width + 40} {HIGH + 36}",
        "width": width,
        "high": HIGH,
        "bars": [
            piece
            for number, bar in enumerate(hour)
            for piece in (
                _bar("in", number * STEP + 2, bar.texts, most),
                _bar("out", number * STEP + 14, bar.replies, most),
            )
            if piece
        ],
        "lines": [{"y": HIGH - HIGH * part // 4, "value": most * part // 4} for part in range(5)],
        "times": [{"x": n * STEP, "words": clock_words(timezone.localtime(hour[n].start))} for n in (0, 10, 20)],
        "texts": sum(bar.texts for bar in hour),
        "replies": sum(bar.replies for bar in hour),
    }


def _bar(kind: str, x: int, count: int, most: int) -> dict[str, Any] | None:
    high = round(HIGH * count / most, 1)
    return {"kind": kind, "x": x, "y": round(HIGH - high, 1), "high": high} if count else None


def _round_up(most: int) -> int:
    """The least number with four round parts that holds it."""
    step = 1
    while 4 * step < most:
        step = step * 2 if str(step)[0] != "2" else step * 5 // 2
    return 4 * step
