"""A wallboard's numbers in words: tiles, those who wait, teams, people, the last hour. No customer is named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.utils import timezone

from twoway.analytics.wallboard.queries import Board
from twoway.analytics.wallboard.rules import MOST, SHOWN, Bar, TeamLine, Waits, percent
from twoway.desk.builders.chips import chip, short
from twoway.desk.words import clock_words, effort_words
from twoway.lib.words import noted, t, tn
from twoway.routing.queries import QueueState

Mood = Literal["plain", "soon", "over"]
HIGH, STEP = 240, 26
MOST_PEOPLE, MOST_BOXES, MANY_SHOWN = 12, 10, 12
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
    mood: Mood = "plain"
    since: datetime | None = None
    due: datetime | None = None


def shown_board(board: Board, *, names: bool) -> dict[str, Any]:
    """What the template draws. With `names` members are named and what waits is linked; customers never are."""
    people = _people(board) if names else []
    rows = SHOWN if people else MANY_SHOWN
    return {
        "board": board,
        "tiles": _tiles(board),
        "small": _small(board),
        "waits": [_wait(one, board, names=names) for one in board.waits[:rows]],
        "more": max(0, board.waiting - rows),
        "lines": [_line(one, board) for one in board.lines[:SHOWN]] if board.routed is None else [],
        "queues": [_queue(one, board) for one in board.routed.queues[:SHOWN]] if board.routed else [],
        "people": people,
        "chart": _chart(board.hour),
        "names": names,
        "goal_words": effort_words(60 * board.goal) if board.goal else "",
    }


def _many(count: int) -> str:
    return f"{MOST}+" if count >= MOST else str(count)


def _tiles(board: Board) -> list[Tile]:
    answered = Tile(
        key="answered",
        icon="check",
        label=t("Answered today"),
        value=str(board.today.whole.answered),
        words=tn("{n} customer wrote today", "{n} customers wrote today", board.today.whole.arrivals),
    )
    tiles = [
        Tile(key="waiting", icon="inbox", label=t("Waiting"), value=_many(board.waiting), words=_where(board)),
        _longest(board),
        _there(board),
        answered,
        _risk(board),
    ]
    return [tile for tile in tiles if tile is not None]


def _where(board: Board) -> str:
    """Which teams they wait for, the three most pressing."""
    parts = [f"{line.waiting} {_team(line.team_id, board)}" for line in board.lines if line.waiting]
    if not parts:
        return t("Nobody waits")
    return ", ".join(parts[:3]) if board.teams else t("For an answer")


def _longest(board: Board) -> Tile:
    label = t("Longest wait")
    if not board.waits:
        return Tile(key="longest", icon="clock", label=label, value="0:00", words=t("Nobody waits"))
    first = board.waits[0]
    mood, due = _mood(first.conversation_id, board)
    if due is None:
        words = t("Since {time}", time=clock_words(timezone.localtime(first.since)))
    elif mood == "over":
        words = t("Should have been answered by {time}", time=clock_words(timezone.localtime(due)))
    else:
        words = t("To be answered by {time}", time=clock_words(timezone.localtime(due)))
    value, unit = tick_words((board.at - first.since).total_seconds())
    return Tile(
        key="longest",
        icon="clock",
        label=label,
        value=value,
        unit=unit,
        words=words,
        mood=mood,
        since=first.since,
        due=due,
    )


def _mood(conversation_id: int, board: Board) -> tuple[Mood, datetime | None]:
    """How bad this wait is by its clock, and when its answer is due; plain without one."""
    clock = board.late.clocks.get(conversation_id)
    if clock is None or clock.due_at is None:
        return "plain", None
    if clock.due_at <= board.at:
        return "over", clock.due_at
    return ("soon" if clock.warn_at and clock.warn_at <= board.at else "plain"), clock.due_at


def _there(board: Board) -> Tile | None:
    """How many are online of those who were ever here; None where nothing is given out."""
    routed = board.routed
    if routed is None:
        return None
    gone = [
        tn("{n} on a break", "{n} on a break", routed.count("break")) if routed.count("break") else "",
        tn("{n} away", "{n} away", routed.count("away")) if routed.count("away") else "",
        tn("room for {n} more", "room for {n} more", routed.free),
    ]
    return Tile(
        key="online",
        icon="users",
        label=t("Online"),
        value=str(routed.count("online")),
        unit=t("of {n}", n=len(routed.people)),
        words=", ".join(part for part in gone if part),
        mood="over" if board.waits and not routed.count("online") else "plain",
    )


def _risk(board: Board) -> Tile | None:
    """Warned of and late; None without any goal."""
    warned, breached = board.late.warned, board.late.breached
    if warned is None or breached is None or (board.goal is None and not warned + breached):
        return None
    if not warned + breached:
        words = t("All in time")
    elif board.late.next_due is None:
        words = tn("{n} late", "{n} late", breached)
    else:
        minutes = max(1, round((board.late.next_due - board.at).total_seconds() / 60))
        soon = t("next in {time}", time=effort_words(60 * minutes))
        words = ", ".join([tn("{n} late", "{n} late", breached), soon]) if breached else soon
    mood: Mood = "over" if breached else "soon" if warned else "plain"
    return Tile(
        key="risk", icon="alert", label=t("At risk and late"), value=_many(warned + breached), words=words, mood=mood
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
    return [*tiles, *_promised(board), *_deflected(board)]


def _promised(board: Board) -> list[Tile]:
    """How often the wait that was told to customers today was kept."""
    kept = board.promises
    if kept is None:
        return []
    whole = kept.kept + kept.broken
    words = t("{kept} of {whole} made today", kept=kept.kept, whole=whole)
    share = str(percent(kept.kept, whole))
    return [Tile(key="promises", icon="flag", label=t("Promises kept"), value=share, unit="%", words=words)]


def _deflected(board: Board) -> list[Tile]:
    """How many left a phone queue for a text today."""
    found = board.deflected
    if found is None:
        return []
    words = t("of {n} callers who were offered a text", n=found.offered)
    return [Tile(key="deflected", icon="branch", label=t("Deflected"), value=str(found.deflected), words=words)]


def _team(team_id: int | None, board: Board) -> str:
    return board.teams.get(team_id or 0, t("No team"))


def _wait(one: Waits, board: Board, *, names: bool) -> dict[str, Any]:
    member = board.members.get(one.member_id or 0, "")
    held = t("Somebody has it") if member else t("Nobody yet")
    mood, due = _mood(one.conversation_id, board)
    value, unit = tick_words((board.at - one.since).total_seconds())
    return {
        "id": one.conversation_id,
        "since": one.since,
        "value": value,
        "unit": unit,
        "mood": mood,
        "percent": _used(one.since, due, board),
        "number": board.channels.get(one.channel_id, ""),
        "team": _team(one.team_id, board),
        "with": short(member) if member and names else held,
    }


def _used(since: datetime, due: datetime | None, board: Board) -> int | None:
    """How much of its time is used up, in percent; None without a clock."""
    if due is None:
        return None
    return min(100, max(0, round(100 * ((board.at - since) / max(due - since, timedelta(seconds=1))))))


def _line(line: TeamLine, board: Board) -> dict[str, Any]:
    """A team: who waits, since when, who is there, how often in time."""
    first = next((one for one in board.waits if one.team_id == line.team_id), None)
    mood, _ = _mood(first.conversation_id, board) if first else ("plain", None)
    return _row(_team(line.team_id, board), line.waiting, line.since, mood, board) | {"in_time": line.in_time}


def _queue(queue: QueueState, board: Board) -> dict[str, Any]:
    """A queue: the same, with who is there for it. In time is counted by team, so nothing is said of one without."""
    share = next((one.in_time for one in board.lines if queue.team_id and one.team_id == queue.team_id), None)
    row = _row(queue.name, queue.waiting, queue.oldest_at, "plain", board)
    return row | {"online": queue.online, "in_time": share, "has_no_share": queue.team_id is None}


def _row(name: str, waiting: int, since: datetime | None, mood: Mood, board: Board) -> dict[str, Any]:
    value, unit = tick_words((board.at - since).total_seconds() if since else 0.0)
    return {"name": name, "waiting": _many(waiting), "since": since, "value": value, "unit": unit, "mood": mood}


_STATES = {"online": noted("Online"), "away": noted("Away"), "break": noted("On break"), "offline": noted("Offline")}
_MARKS = {"online": "on", "away": "away", "break": "away", "offline": "off"}
_IN_ORDER = tuple(_STATES)


def _people(board: Board) -> list[dict[str, Any]]:
    """Who is doing what, those who are there first."""
    people = sorted(board.routed.people if board.routed else (), key=lambda one: _IN_ORDER.index(one.state))
    return [
        {
            "chip": chip(one.member_id, one.name),
            "mark": _MARKS[one.state],
            "state": t(_STATES[one.state]),
            "since": one.since if one.state in {"away", "break"} else None,
            "load": one.load,
            "capacity": one.capacity,
            "boxes": [number < one.load for number in range(min(MOST_BOXES, max(one.capacity, 1)))],
        }
        for one in people[:MOST_PEOPLE]
    ]


def _chart(hour: tuple[Bar, ...]) -> dict[str, Any]:
    """Bars with their places in a drawing that is stretched to fit, lines at round numbers, and times below."""
    most = _round_up(max(max(bar.texts, bar.replies) for bar in hour))
    width = STEP * len(hour)
    return {
        "box": f"0 -2 {width} {HIGH + 4}",
        "width": width,
        "bars": [
            piece
            for number, bar in enumerate(hour)
            for piece in (
                _bar("in", number * STEP + 2, bar.texts, most),
                _bar("out", number * STEP + 14, bar.replies, most),
            )
            if piece
        ],
        "lines": [HIGH * part // 4 for part in range(5)],
        "scale": [most * part // 4 for part in (4, 3, 2, 1, 0)],
        "times": [clock_words(timezone.localtime(hour[n].start)) for n in (0, 10, 20)],
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
