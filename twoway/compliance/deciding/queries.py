"""Gathering what a decision needs: at the door for one text, at the claim for a batch. And what was decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from psycopg import AsyncConnection

from twoway.compliance.asked import Part, statement
from twoway.compliance.consent import queries as consent
from twoway.compliance.models import Decision
from twoway.compliance.modes import queries as modes
from twoway.compliance.pacing import queries as pacing
from twoway.compliance.prepared import fetch, keep_plans
from twoway.compliance.queries import SendQuestion
from twoway.compliance.quiet import queries as quiet
from twoway.compliance.relevance import queries as relevance

__all__ = ["MODE", "PROACTIVE", "Decision", "Subject", "decisions", "decisions_of", "gather", "gather_batch"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """How one subject's facts are read: its part of the statement, and what its columns of a row become.

    None is no facts: the subject has nothing to say about the text.
    """

    part: Part
    facts_of: Callable[[tuple[Any, ...]], Any]


PROACTIVE: Mapping[str, Subject] = {
    "consent": Subject(part=consent.PART, facts_of=consent.facts_of),
    "pacing": Subject(part=pacing.PART, facts_of=pacing.facts_of),
    "quiet": Subject(part=quiet.PART, facts_of=quiet.facts_of),
    "relevance": Subject(part=relevance.PART, facts_of=relevance.facts_of),
}
"""What is asked for every text that is not an answer within an exchange."""

MODE: Mapping[str, Subject] = {"mode": Subject(part=modes.PART, facts_of=modes.facts_of)}
"""What is asked for every text from a number that has a mode."""


def gather(questions: Sequence[SendQuestion], subjects: Mapping[str, Subject], *, at: datetime) -> list[dict[str, Any]]:
    """The facts of each subject for each question, in order; one statement."""
    if not questions or not subjects:
        return [{} for _ in questions]
    keep_plans()
    return [_facts(subjects, row) for row in fetch(_statement(tuple(subjects.values())), _asked(questions, at))]


async def gather_batch(
    connection: AsyncConnection[Any],
    questions: Sequence[SendQuestion],
    subjects: Mapping[str, Subject],
    *,
    at: datetime,
) -> list[dict[str, Any]]:
    """The same inside the transaction of a claim."""
    if not questions or not subjects:
        return [{} for _ in questions]
    cursor = await connection.execute(_statement(tuple(subjects.values())), _asked(questions, at))
    return [_facts(subjects, row) for row in await cursor.fetchall()]


@cache
def _statement(subjects: tuple[Subject, ...]) -> str:
    return statement(*(subject.part for subject in subjects))


def _asked(questions: Sequence[SendQuestion], at: datetime) -> list[Any]:
    """The parameters of every statement of `compliance.asked`."""
    return [
        [question.identity_id for question in questions],
        [question.channel_id for question in questions],
        [question.purpose for question in questions],
        at,
    ]


def _facts(subjects: Mapping[str, Subject], row: tuple[Any, ...]) -> dict[str, Any]:
    """One row as the facts of each subject: its columns stand where its part does."""
    found, first = {}, 0
    for name, subject in subjects.items():
        after = first + len(subject.part.columns)
        if (facts := subject.facts_of(row[first:after])) is not None:
            found[name] = facts
        first = after
    return found


def decisions(message_id: int) -> list[Decision]:
    """What was decided about one message, oldest first."""
    return list(Decision.objects.filter(message_id=message_id).order_by("id"))


def decisions_of(message_ids: Sequence[int]) -> list[Decision]:
    """What was decided about these messages, oldest first."""
    return list(Decision.objects.filter(message_id__in=list(message_ids)).order_by("id"))
