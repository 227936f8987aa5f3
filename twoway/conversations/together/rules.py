"""Who a note names, what everybody is called behind an @, and who had a conversation for how long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Kind = Literal["member", "team"]
MOST_MENTIONS = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Somebody:
    """A member or a team. `email` tells two of one name apart; teams have none."""

    kind: Kind
    id: int
    name: str
    email: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """Somebody named in a note, and where: characters of its body, the @ included."""

    kind: Kind
    id: int
    start: int
    length: int


def handles(people: Sequence[Somebody]) -> dict[tuple[Kind, int], tuple[str, ...]]:
    """What each may be called behind an @, the one to write first.

    A first name will do where only one has it; of two with the same whole name each takes the front of their email, and
    a team says that it is one.
    """
    firsts = Counter(_first(one) for one in people if one.kind == "member")
    wholes = Counter(one.name.casefold() for one in people)
    found: dict[tuple[Kind, int], tuple[str, ...]] = {}
    for one in people:
        whole = one.name if wholes[one.name.casefold()] == 1 else _apart(one)
        first = one.name.split()[0] if one.name.split() else one.name
        is_short = one.kind == "member" and firsts[_first(one)] == 1 and first != whole
        is_free = wholes[first.casefold()] == 0
        found[one.kind, one.id] = (first, whole) if is_short and is_free else (whole,)
    return found


def _first(one: Somebody) -> str:
    return one.name.split()[0].casefold() if one.name.split() else ""


def _apart(one: Somebody) -> str:
    return f"{one.name} (team)" if one.kind == "team" else f"{one.name} ({one.email.partition('@')[0]})"


def named_in(body: str, called: Mapping[tuple[Kind, int], Sequence[str]]) -> tuple[Named, ...]:
    """Who the body names, in order, `MOST_MENTIONS` at most. The longest name that fits counts; capitals don't.

    An @ inside a word, as in an email address, names nobody.
    """
    every = [(handle, key) for key, words in called.items() for handle in words if handle]
    every.sort(key=lambda one: -len(one[0]))
    found: list[Named] = []
    at = body.find("@")
    while at >= 0 and len(found) < MOST_MENTIONS:
        hit = None if at and body[at - 1].isalnum() else _at(body, at, every)
        if hit is not None:
            found.append(hit)
        at = body.find("@", at + (hit.length if hit else 1))
    return tuple(found)


def _at(body: str, at: int, every: Sequence[tuple[str, tuple[Kind, int]]]) -> Named | None:
    for handle, (kind, key) in every:
        end = at + 1 + len(handle)
        if body[at + 1 : end].casefold() == handle.casefold() and not body[end : end + 1].isalnum():
            return Named(kind=kind, id=key, start=at, length=len(handle) + 1)
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """How long somebody had a conversation; `name` is "" while nobody had it. `is_now`: they have it."""

    name: str
    lasted: timedelta
    is_now: bool = False


def trail(changes: Sequence[tuple[datetime, str]], *, since: datetime | None, at: datetime) -> tuple[Stretch, ...]:
    """Who had it and for how long, in order. `changes` are moments and who has it from then on, "" for nobody.

    What ended before `since` is left out, and what went on past it counts from there. Before the first change nobody
    had it. Neighbouring stretches of one person are one.
    """
    found: list[tuple[str, datetime, datetime]] = []
    for index, (begun, name) in enumerate(changes):
        ended = changes[index + 1][0] if index + 1 < len(changes) else at
        begun = max(begun, since) if since else begun
        if ended < begun or (ended == begun and ended != at):
            continue
        if found and found[-1][0] == name:
            found[-1] = (name, found[-1][1], ended)
        else:
            found.append((name, begun, ended))
    last = len(found) - 1
    return tuple(
        Stretch(name=name, lasted=ended - begun, is_now=index == last and name != "")
        for index, (name, begun, ended) in enumerate(found)
    )
