"""What texts cost: spend by day, number or team."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from ninja import Query, Router, Schema
from pydantic import BeforeValidator, Field
from pydantic.json_schema import WithJsonSchema

from twoway.api import errors, shapes
from twoway.api.auth import ApiRequest
from twoway.messaging.cost import queries

router = Router(tags=["Costs"])

USUAL = timedelta(days=29)


def _day(value: Any) -> Any:
    """A date as RFC 3339 writes it; anything else is left for the type to refuse."""
    if isinstance(value, str):
        if len(value) != 10:
            raise ValueError("Write a day such as 2026-03-14.")
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError("Write a day such as 2026-03-14.") from None
    return value


Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]


class Wanted(Schema):
    """Which days, and by what; without days the last thirty on the workspace's calendar."""

    by: Literal["day", "number", "team"] = Field(default="day", description="What each line is about.")
    since: Day | None = None
    until: Day | None = None


@router.get("", response={200: shapes.CostPage, **errors.READ}, operation_id="list_costs")
def list_costs(request: ApiRequest, query: Annotated[Wanted, Query()]) -> dict[str, Any]:
    """What was spent, a line for each day, number or team and each currency. Amounts of two currencies never mix.

    A text counts on the day it left or came in, at its estimated price until the provider reported one. Lines without a
    currency count the texts nobody knows a price of. For roles that may see costs.
    """
    today = queries.today(request.actor, request.at)
    until = query.until or max(query.since or today, today)
    since = query.since or until - USUAL
    rows = queries.spent(request.actor, by=query.by, since=since, until=until)
    return {"items": [_document(row, query.by) for row in rows], "next": None}


def _document(row: queries.Spent, by: str) -> dict[str, Any]:
    return {
        "day": row.key.isoformat() if isinstance(row.key, date) else None,
        "channel_id": row.key if by == "number" else None,
        "team_id": row.key or None if by == "team" else None,
        "currency": row.currency or None,
        "amount": f"{row.amount:f}",
        "texts": row.texts,
    }
