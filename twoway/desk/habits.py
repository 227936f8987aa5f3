"""How the member who asks likes to work, read once a request, when a part of the page first needs it."""

from __future__ import annotations

from twoway.conversations.views.queries import Habit, habit_of
from twoway.desk.middleware import DeskRequest


def habit_on(request: DeskRequest) -> Habit:
    """The habit of whoever asks: one query for the whole request."""
    if not hasattr(request, "habit"):
        request.habit = habit_of(request.actor)
    return request.habit
