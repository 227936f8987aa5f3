"""Budgets asked before a text leaves: at the door with Django, and in the claim on the delivery loop's connection.

The claim is the strict one: it locks the budgets that may stop a text, so that two numbers of one workspace can not
spend the same money. The door only looks, and counts what is queued already, so that whoever writes is told at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection as django_connection
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from twoway.channels.models import Channel
from twoway.compliance.rules import NOTICES, Refusal
from twoway.lib.words import noted
from twoway.messaging.cost import rules
from twoway.messaging.cost.pricelist import PriceList
from twoway.messaging.cost.rules import Asking, BudgetState
from twoway.providers.base import Price

NOTICE_PURPOSES = frozenset(purpose.value for purpose in NOTICES)

BUDGET_REACHED = Refusal(
    code="budget_reached",
    for_agent=noted(
        "The budget for texts is used up, so this wasn't sent. An owner or an admin can raise it in Settings."
    ),
)

_STOPPING = """
    SELECT b.id FROM budget b
    WHERE b.workspace_id = %(workspace)s AND b.stops AND (b.channel_id IS NULL OR b.channel_id = %(channel)s)
    ORDER BY b.id
"""
LOCK = _STOPPING + " FOR NO KEY UPDATE"

STATE = """
    SELECT b.id, b.team_id, b.channel_id, b.period, b.amount, b.currency, b.warn_share, b.stops, b.replies_always,
           (SELECT coalesce(sum(s.amount), 0) FROM spend s
            WHERE s.workspace_id = b.workspace_id AND s.currency = b.currency
              AND s.day BETWEEN CASE b.period WHEN 'day' THEN %(day)s::date ELSE %(month)s::date END AND %(day)s::date
              AND (b.channel_id IS NULL OR s.channel_id = b.channel_id)
              AND (b.team_id IS NULL OR s.team_id = b.team_id)) AS spent
    FROM budget b WHERE b.id = ANY(%(ids)s) ORDER BY b.id
"""

TEAMS = "SELECT id, coalesce(team_id, 0) FROM conversation WHERE id = ANY(%(ids)s)"

MOST_WAITING = 10_000
WAITING = f"""
    SELECT coalesce(sum(price), 0) FROM (
        SELECT m.price FROM message m
        WHERE m.channel_id IN (SELECT c.id FROM channel c
                               WHERE c.workspace_id = %(workspace)s AND (%(channel)s::bigint IS NULL
                                                                         OR c.id = %(channel)s::bigint))
          AND m.status = 'queued' AND m.spent_on IS NULL AND m.price_currency = %(currency)s
          AND (%(team)s::bigint IS NULL OR %(team)s::bigint = (
              SELECT v.team_id FROM conversation v WHERE v.id = m.conversation_id))
        LIMIT {MOST_WAITING}) AS waiting
"""  # noqa: S608 a number of ours


def state_of(row: Mapping[str, Any]) -> BudgetState:
    """A row of `STATE`."""
    return BudgetState(
        id=row["id"],
        team_id=row["team_id"],
        channel_id=row["channel_id"],
        period=row["period"],
        amount=row["amount"],
        currency=row["currency"],
        warn_share=row["warn_share"],
        stops=row["stops"],
        replies_always=row["replies_always"],
        spent=row["spent"],
    )


def state_names(ids: Sequence[int], day: date) -> dict[str, Any]:
    """The parameters of `STATE`."""
    return {"ids": list(ids), "day": day, "month": rules.period_start("month", day)}


async def held(
    connection: AsyncConnection[Any],
    *,
    workspace_id: int,
    channel_id: int,
    rows: Sequence[Mapping[str, Any]],
    prices: Mapping[int, Price | None],
    day: date,
) -> dict[int, BudgetState]:
    """The messages of a claim which a budget does not let leave, by id, with that budget.

    A member's text counts as a reply here: whether somebody waited was asked at the door. One that was claimed before
    is paid for already. Waits for other claims of the same budgets.
    """
    names = {"workspace": workspace_id, "channel": channel_id}
    fresh = [row for row in rows if row["attempts"] == 0]
    found = await (await connection.execute(LOCK, names)).fetchall() if fresh else []
    if not found:
        return {}
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(STATE, state_names([one[0] for one in found], day))
        budgets = [state_of(row) for row in await cursor.fetchall()]
    teams: dict[int, int] = {}
    if any(budget.team_id for budget in budgets):
        told = await connection.execute(TEAMS, {"ids": [row["conversation_id"] for row in fresh]})
        teams = dict(await told.fetchall())
    askings = [
        Asking(
            price=prices[row["id"]],
            team_id=teams.get(row["conversation_id"]),
            channel_id=channel_id,
            is_reply=row["author"] == "member",
            is_notice=row["author"] == "system" and row["purpose"] in NOTICE_PURPOSES,
        )
        for row in fresh
    ]
    verdicts = zip(fresh, rules.admitted(budgets, askings), strict=True)
    return {row["id"]: stopper for row, stopper in verdicts if stopper is not None}


def estimates(prices: PriceList, rows: Sequence[Mapping[str, Any]], at: datetime) -> dict[int, Price | None]:
    """What each message of a claim will cost, by id; None where no price is known."""
    return {
        row["id"]: prices.outgoing(row["recipient"], segments=row["segments"], media=len(row["media"]), at=at)
        for row in rows
    }


def facts(budget: BudgetState) -> dict[str, Any]:
    """A budget as it is kept with the decision."""
    return {
        "budget_id": budget.id,
        "amount": str(budget.amount),
        "spent": str(budget.spent),
        "currency": budget.currency,
    }


# The door ---------------------------------------------------------------------------------------------------------


def that_stop(channel: Channel) -> list[int]:
    """The budgets that may stop a text from this number."""
    with django_connection.cursor() as cursor:
        cursor.execute(_STOPPING, {"workspace": channel.workspace_id, "channel": channel.pk})
        return [row[0] for row in cursor.fetchall()]


def states(ids: Sequence[int], day: date) -> list[BudgetState]:
    """How these budgets stand on this day."""
    with django_connection.cursor() as cursor:
        cursor.execute(STATE, state_names(ids, day))
        columns = [column.name for column in cursor.description or ()]
        return [state_of(dict(zip(columns, row, strict=True))) for row in cursor.fetchall()]


def stops_at_door(
    ids: Sequence[int], *, channel: Channel, price: Price | None, team_id: int | None, is_reply: bool, day: date
) -> BudgetState | None:
    """The budget of these that does not let a text be queued now, or None. What is queued already counts as spent."""
    asking = Asking(price=price, team_id=team_id, channel_id=channel.pk, is_reply=is_reply)
    about = [budget for budget in states(ids, day) if rules.covers(budget, asking)]
    return rules.stopped_by([_with_waiting(budget, channel.workspace_id) for budget in about], asking)


def _with_waiting(budget: BudgetState, workspace_id: int) -> BudgetState:
    names = {
        "workspace": workspace_id,
        "channel": budget.channel_id,
        "team": budget.team_id,
        "currency": budget.currency,
    }
    with django_connection.cursor() as cursor:
        cursor.execute(WAITING, names)
        row = cursor.fetchone()
    waiting: Decimal = row[0] if row else Decimal()
    return rules.spending(budget, waiting)
