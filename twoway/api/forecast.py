"""The staffing forecast: how many customers are expected by half hour, and how many people it takes."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Query, Router, Schema
from pydantic import Field

from twoway.analytics.forecast import queries
from twoway.analytics.forecast.queries import MOST_DAYS, Forecast, Half
from twoway.api import errors
from twoway.api.auth import ApiRequest
from twoway.api.fields import TimeOut

router = Router(tags=["Forecast"])


class Wanted(Schema):
    """How far ahead."""

    days: int = Field(default=7, ge=1, le=MOST_DAYS, description="Days after today.")


class TermsOut(Schema):
    """What it reckons with."""

    target_seconds: int = Field(description="In time is an answer within so many seconds of open time.")
    share_percent: int
    handle_seconds: float = Field(description="Attention one answer takes.")
    handle_from: str = Field(description="set, effort or gaps; empty: assumed.")
    concurrency: int
    shrinkage_percent: int


class HalfOut(Schema):
    """One half hour. What is not known is null."""

    start: TimeOut
    is_open: bool
    expected: float = Field(description="Customers who will begin to wait.")
    most: float = Field(description="Not exceeded in nine of ten such half hours.")
    carried: float = Field(description="Came while it was closed and is worked off now.")
    people: int = Field(description="At the desk; 0 while it is closed.")
    scheduled: int = Field(description="On the roster.")
    arrivals: int | None = Field(description="Who came, once it is over.")
    answered: int | None
    answered_in_time: int | None
    people_there: float | None


class ForecastOut(Schema):
    weeks: int = Field(description="Of history behind it, 0 to 8.")
    counted_until: TimeOut | None
    terms: TermsOut
    items: list[HalfOut]


@router.get("", response={200: ForecastOut, **errors.READ}, operation_id="get_forecast")
def get_forecast(request: ApiRequest, query: Annotated[Wanted, Query()]) -> dict[str, Any]:
    """Every half hour of the last seven days, today and the days to come, on the workspace's clock.

    By Erlang C from the last eight weeks of texts. For roles that may see sums of everybody's work.
    """
    told = queries.forecast(request.actor, at=request.at, days=query.days)
    return {
        "weeks": told.weeks,
        "counted_until": told.counted_until,
        "terms": _terms(told),
        "items": [_half(half) for day in told.days for half in day.halves],
    }


def _terms(told: Forecast) -> dict[str, Any]:
    return {
        "target_seconds": told.terms.target,
        "share_percent": told.terms.share,
        "handle_seconds": told.terms.handle,
        "handle_from": "set" if told.is_handle_own else told.handle_from,
        "concurrency": told.terms.concurrency,
        "shrinkage_percent": told.terms.shrinkage,
    }


def _half(half: Half) -> dict[str, Any]:
    was, needs = half.was, half.needs
    return {
        "start": half.start,
        "is_open": half.expected.is_open,
        "expected": round(half.expected.arrivals, 2),
        "most": round(half.expected.most, 2),
        "carried": round(half.expected.carried, 2),
        "people": needs.people if needs else 0,
        "scheduled": needs.scheduled if needs else 0,
        "arrivals": was.arrivals if was else None,
        "answered": was.answered if was else None,
        "answered_in_time": was.in_time if was else None,
        "people_there": was.staff if was else None,
    }
