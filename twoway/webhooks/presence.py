"""Who is looking at which conversation, and who is writing there: known for a moment, kept nowhere.

A browser says where it is; PostgreSQL's notices carry that to every web process, and each keeps it in memory until the
browser leaves or falls silent. No row is written. Many processes agree because all hear the same notices.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

GOOD_FOR_SECONDS = 75.0
"""A browser says it is still there every 30 seconds."""
MOST_PLACES = 20
"""Of one member: more windows than that, and the oldest is forgotten."""
_RANK = {"view": 0, "note": 1, "reply": 2}

Audience = tuple[int, int, int]
"""A conversation, its team or 0 and its assignee or 0: who may be told."""
Key = tuple[int, int, str]
"""A workspace, a member and a window of theirs."""
Shown = tuple[int, str, str, int, str]
"""A member's id, short name, initials, hue, and what they do: view, note or reply."""


@dataclass(slots=True)
class Place:
    """One window of a member at one conversation, until `until` on the clock of the event loop."""

    member_id: int
    conversation_id: int
    team_id: int
    assignee_id: int
    name: str
    initials: str
    hue: int
    doing: str
    until: float

    @property
    def audience(self) -> Audience:
        return self.conversation_id, self.team_id, self.assignee_id

    @property
    def shown(self) -> Shown:
        return self.member_id, self.name, self.initials, self.hue, self.doing


class Places:
    """Everybody's places, as one process has heard of them. Times are seconds of one clock that never goes back."""

    def __init__(self) -> None:
        self._of_window: dict[Key, Place] = {}
        self._at: dict[tuple[int, int], dict[Key, Place]] = {}

    def __len__(self) -> int:
        return len(self._of_window)

    def hear(self, said: dict[str, Any], *, now: float) -> tuple[list[Audience], list[Audience]]:
        """Take in a notice. What everybody who may see it is told of, and what only those who are there are told."""
        key: Key = (said["w"], said["m"], said["t"])
        before = self._of_window.get(key)
        if said["s"] == "gone":
            return ([self._drop(key).audience] if before else []), []
        place = Place(
            member_id=said["m"],
            conversation_id=said["c"],
            team_id=said["a"][0],
            assignee_id=said["a"][1],
            name=said["n"],
            initials=said["i"],
            hue=said["h"],
            doing=said["s"],
            until=now + GOOD_FOR_SECONDS,
        )
        moved = before is None or before.conversation_id != place.conversation_id
        told = [self._drop(key).audience] if before and moved else []
        self._put(key, place)
        if moved:
            return [*told, place.audience, *self._forget_oldest(key)], []
        is_news = before is not None and (before.doing != place.doing or place.doing != "view")
        return [], [place.audience] if is_news else []

    def _put(self, key: Key, place: Place) -> None:
        self._of_window.pop(key, None)
        self._of_window[key] = place
        self._at.setdefault((key[0], place.conversation_id), {})[key] = place

    def _drop(self, key: Key) -> Place:
        place = self._of_window.pop(key)
        there = self._at[key[0], place.conversation_id]
        del there[key]
        if not there:
            del self._at[key[0], place.conversation_id]
        return place

    def _forget_oldest(self, newest: Key) -> list[Audience]:
        """The dictionary is in order of what was heard last, so the first ones are the oldest."""
        own = [key for key in self._of_window if key[:2] == newest[:2]] if len(self) > MOST_PLACES else []
        return [self._drop(key).audience for key in own[: max(0, len(own) - MOST_PLACES)]]

    def expire(self, *, now: float) -> list[tuple[int, Audience]]:
        """Forget who fell silent: workspaces with what to tell in each."""
        over = [key for key, place in self._of_window.items() if place.until <= now]
        return [(key[0], self._drop(key).audience) for key in over]

    def given(self, workspace_id: int, changes: Iterable[Audience]) -> None:
        """A conversation went to another team or member: who may be told of its visitors goes with it."""
        for conversation_id, team_id, assignee_id in changes:
            for place in self._at.get((workspace_id, conversation_id), {}).values():
                place.team_id, place.assignee_id = team_id, assignee_id

    def is_there(self, key: Key) -> int:
        """The conversation this window is at, or 0."""
        place = self._of_window.get(key)
        return place.conversation_id if place else 0

    def audience(self, workspace_id: int, conversation_id: int) -> Audience | None:
        """Who may be told of this conversation now, or None where nobody is."""
        there = self._at.get((workspace_id, conversation_id))
        return next(iter(there.values())).audience if there else None

    def people(self, workspace_id: int, conversation_id: int) -> list[Shown]:
        """Who is there, each member once with the most they do, by name."""
        best: dict[int, Shown] = {}
        for place in self._at.get((workspace_id, conversation_id), {}).values():
            known = best.get(place.member_id)
            if known is None or _RANK[place.doing] > _RANK[known[4]]:
                best[place.member_id] = place.shown
        return sorted(best.values(), key=lambda one: (one[1].casefold(), one[0]))

    def everywhere(self, workspace_id: int) -> list[Audience]:
        """Every conversation of a workspace where somebody is."""
        found = (there for (workspace, _), there in self._at.items() if workspace == workspace_id)
        return [next(iter(there.values())).audience for there in found]
