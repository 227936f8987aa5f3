"""Telling once in each period that a budget is nearly, or wholly, used up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.db import connection, transaction

from twoway.events import actions as events
from twoway.events.types import BudgetWarned
from twoway.messaging.cost import budgets, rules
from twoway.messaging.cost.rules import BudgetState
from twoway.messaging.models import Budget
from twoway.providers.base import Price
from twoway.teams.models import Workspace

log = structlog.get_logger(__name__)

_TELL = """
    INSERT INTO budget_notice (budget_id, period_start, level, spent, at)
    VALUES (%(budget)s, %(start)s, %(level)s, %(spent)s, %(at)s) ON CONFLICT DO NOTHING RETURNING id
"""


def tell(*, at: datetime) -> int:
    """Look at every budget and tell what is new: at its share, and when it is used up; how many were told.

    One that jumps straight to its end is told only that.
    """
    told = 0
    for workspace in Workspace.objects.filter(pk__in=Budget.objects.values("workspace_id")):
        day = at.astimezone(ZoneInfo(workspace.time_zone)).date()
        ids = list(Budget.objects.filter(workspace=workspace).values_list("id", flat=True))
        for state in _worth_telling(budgets.states(ids, day)):
            start = rules.period_start(state.period, day)
            names: dict[str, Any] = {
                "budget": state.id,
                "start": start,
                "level": state.level,
                "spent": state.spent,
                "at": at,
            }
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(_TELL, names)
                if cursor.fetchone() is None:
                    continue
                _publish(workspace.pk, state, at)
            told += 1
    return told


def _worth_telling(states: Iterable[BudgetState]) -> Iterable[BudgetState]:
    return (state for state in states if state.level)


def _publish(workspace_id: int, state: BudgetState, at: datetime) -> None:
    spent, amount = (rules.words(Price(amount=money, currency=state.currency)) for money in (state.spent, state.amount))
    event = BudgetWarned(
        workspace_id=workspace_id,
        budget_id=state.id,
        level=state.level,
        percent=state.percent,
        spent=spent,
        amount=amount,
        team_id=state.team_id,
        channel_id=state.channel_id,
    )
    events.publish(event, at=at)
    log.warning("budget_warned", budget_id=state.id, level=state.level, spent=spent, amount=amount)
