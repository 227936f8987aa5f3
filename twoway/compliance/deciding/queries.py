"""Gathering what a decision needs: at the door for one text, at the claim for a batch. And what was decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from twoway.compliance.consent import queries as consent
from twoway.compliance.models import Decision
from twoway.compliance.modes import queries as modes
from twoway.compliance.pacing import queries as pacing
from twoway.compliance.prepared import fetch, keep_plans
from twoway.compliance.purposes.rules import CONSENT_FOR
from twoway.compliance.queries import SendQuestion
from twoway.compliance.quiet import queries as quiet

__all__ = ["MODE", "PROACTIVE", "Decision", "Subject", "decisions", "gather", "gather_batch"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """How one subject's facts are read: a statement with (identity ids, channel ids, purposes, at), and its rows."""

    sql: str
    facts_of: Callable[[tuple[Any, ...]], Any]


PROACTIVE: Mapping[str, Subject] = {
    "consent": Subject(sql=consent.FACTS, facts_of=consent.facts_of),
    "pacing": Subject(sql=pacing.FACTS, facts_of=pacing.facts_of),
    "quiet": Subject(sql=quiet.FACTS, facts_of=quiet.facts_of),
}
"""What is asked for every text that is not an answer within an exchange."""

MODE: Mapping[str, Subject] = {"mode": Subject(sql=modes.FACTS, facts_of=modes.facts_of)}
"""What is asked for every text from a number that has a mode."""


def gather(questions: Sequence[SendQuestion], subjects: Mapping[str, Subject], *, at: datetime) -> list[dict[str, Any]]:
    """The facts of each subject for each question, in order; one statement a subject."""
    found: list[dict[str, Any]] = [{} for _ in questions]
    if not questions or not subjects:
        return found
    keep_plans()
    for name, subject in subjects.items():
        _join(found, name, subject, fetch(subject.sql, _asked(name, questions, at)))
    return found


async def gather_batch(
    connection: AsyncConnection[Any],
    questions: Sequence[SendQuestion],
    subjects: Mapping[str, Subject],
    *,
    at: datetime,
) -> list[dict[str, Any]]:
    """The same inside the transaction of a claim."""
    found: list[dict[str, Any]] = [{} for _ in questions]
    if not questions:
        return found
    for name, subject in subjects.items():
        cursor = await connection.execute(subject.sql, _asked(name, questions, at))
        _join(found, name, subject, await cursor.fetchall())
    return found


def _asked(subject: str, questions: Sequence[SendQuestion], at: datetime) -> list[Any]:
    """The parameters. Consent is recorded for the purposes people know, so Twoway's own ask for theirs."""
    purposes = [question.purpose for question in questions]
    if subject == "consent":
        purposes = [CONSENT_FOR.get(purpose, purpose) for purpose in purposes]
    return [
        [question.identity_id for question in questions],
        [question.channel_id for question in questions],
        purposes,
        at,
    ]


def _join(found: list[dict[str, Any]], name: str, subject: Subject, rows: Sequence[tuple[Any, ...]]) -> None:
    for facts, row in zip(found, rows, strict=True):
        facts[name] = subject.facts_of(row)


def decisions(message_id: int) -> list[Decision]:
    """What was decided about one message, oldest first."""
    return list(Decision.objects.filter(message_id=message_id).order_by("id"))
