"""Calls in which somebody talked with a customer: they have heard back, as by a text."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from twoway.messaging.calls.models import Call, CallOutcome, CallState

NOT_THEM = (CallOutcome.NO_ANSWER, CallOutcome.LEFT_MESSAGE, CallOutcome.WRONG_NUMBER)
"""Whoever called wrote down that a machine, or somebody else, picked up."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Talk:
    """A talk with the customer of a conversation. `ended_at` None: it goes on."""

    conversation_id: int
    answered_at: datetime
    ended_at: datetime | None

    def counts_since(self, moment: datetime) -> bool:
        """Whether it answers somebody who waits since then: it was not over before."""
        return self.ended_at is None or self.ended_at >= moment


def talks_of(call_ids: Collection[object]) -> list[Talk]:
    """Those of these calls in which somebody talked."""
    keys = [key for key in call_ids if isinstance(key, int)]
    return _talks(Call.objects.filter(id__in=keys, state=CallState.COMPLETED)) if keys else []


def talks_in(conversation_ids: Collection[int], *, since: datetime) -> list[Talk]:
    """The talks in these conversations that were not over then, those that go on with them; the first first."""
    rows = Call.objects.filter(conversation_id__in=list(conversation_ids), state__in=["answered", "completed"])
    return [talk for talk in _talks(rows.order_by("answered_at")) if talk.counts_since(since)]


def _talks(rows: QuerySet[Call]) -> list[Talk]:
    held = rows.filter(answered_at__isnull=False).exclude(outcome__in=NOT_THEM)
    return [
        Talk(conversation_id=key, answered_at=answered, ended_at=ended)
        for key, answered, ended in held.values_list("conversation_id", "answered_at", "ended_at")
        if answered is not None
    ]
