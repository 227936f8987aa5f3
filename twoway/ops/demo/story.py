"""How the demo's conversations are written down, in minutes before it is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DAY = 24 * 60


@dataclass(frozen=True, kw_only=True)
class Line:
    """One entry of a thread. `by` is the member's first name for ours, the program's name for a program's."""

    kind: Literal["theirs", "ours", "program", "note"]
    ago: float
    body: str
    by: str = ""
    error: str = ""
    error_code: str = ""


@dataclass(frozen=True, kw_only=True)
class Story:
    """One conversation. `done`, `snoozed` and `assigned` are minutes ago; `wakes` is minutes from now."""

    name: str
    phone: str
    number: str
    lines: tuple[Line, ...]
    team: str = ""
    assignee: str = ""
    tags: tuple[str, ...] = ()
    done: float | None = None
    snoozed: float | None = None
    wakes: float | None = None
    opted_out: bool = False
    properties: tuple[tuple[str, str], ...] = ()


def theirs(ago: float, body: str) -> Line:
    return Line(kind="theirs", ago=ago, body=body)


def ours(ago: float, by: str, body: str) -> Line:
    return Line(kind="ours", ago=ago, by=by, body=body)


def program(ago: float, by: str, body: str, *, error: str = "", error_code: str = "") -> Line:
    return Line(kind="program", ago=ago, by=by, body=body, error=error, error_code=error_code)


def note(ago: float, by: str, body: str) -> Line:
    return Line(kind="note", ago=ago, by=by, body=body)
