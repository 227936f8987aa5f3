"""Keeping every decision about a send."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from twoway.compliance.deciding.rules import Answer, Known
from twoway.compliance.models import Decision

LONGEST_WORDS = 400


@dataclass(frozen=True, kw_only=True, slots=True)
class Decided:
    """One decision to be kept: about which message, at the door or the claim, on what facts, with what answer."""

    workspace_id: int
    message_id: int | None
    stage: str
    known: Known
    answer: Answer


def record_decision(*, decided: Decided, at: datetime) -> None:
    """Keep one decision."""
    record_decisions(decided=[decided], at=at)


def record_decisions(*, decided: Iterable[Decided], at: datetime) -> None:
    """Keep several decisions in one statement."""
    Decision.objects.bulk_create(
        Decision(
            workspace_id=each.workspace_id,
            message_id=each.message_id,
            stage=each.stage,
            verdict=each.answer.verdict.kind,
            reason=each.answer.verdict.code,
            purpose=each.known.rule.slug,
            facts=plain(each.known.as_json(each.answer.warnings)),
            for_agent=each.answer.verdict.for_agent[:LONGEST_WORDS],
            until=each.answer.verdict.until,
            at=at,
        )
        for each in decided
    )


def plain(facts: dict[str, Any]) -> Any:
    """Facts as JSON has them: times in ISO 8601."""
    return orjson.loads(orjson.dumps(facts))
