"""What was said about waits, and whether it was kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from ninja import Query, Router, Schema
from pydantic import Field

from twoway.api import errors
from twoway.api.auth import ApiRequest
from twoway.api.fields import FIRST_MOMENT, Limit, QueryId, Time, TimeOut
from twoway.api.paging import Cursor, before_id, page
from twoway.messaging.greeting import queries
from twoway.messaging.greeting.queries import Promise, Row

router = Router(tags=["Promises"])

USUAL = timedelta(weeks=8)


class PromiseOut(Schema):
    """One text that named a time: what was said, what it rests on, and what became of it."""

    id: int
    conversation_id: int | None
    channel_id: int
    queue_id: int | None
    message_id: int | None = Field(description="The text that said it.")
    percentile: int = Field(description="So many in a hundred were to hear back in time.")
    said_minutes: int | None = Field(description="Null: more than an hour, which can't be broken.")
    estimate_seconds: float = Field(description="The figure before it was rounded up, in open time.")
    cases: int = Field(description="How many answers it rests on.")
    made_at: TimeOut
    due_at: TimeOut | None
    warned_at: TimeOut | None = Field(description="When they were told that it takes longer.")
    answered_at: TimeOut | None
    waited_seconds: float | None = Field(description="Open time until the answer left.")
    outcome: Literal["running", "kept", "broken", "void"]


class PromisePage(Schema):
    items: list[PromiseOut]
    next: str | None


class RowOut(Schema):
    """Promises of one number, queue or week."""

    key: int | str | None = Field(description="An id, or the Monday of the week; null where there was no queue.")
    label: str
    kept: int
    broken: int
    share: float | None = Field(description="Kept of those settled.")
    low: float | None = Field(description="The lower end of the share's 95% interval (Wilson).")
    high: float | None
    said_minutes: float | None = Field(description="On average.")
    waited_minutes: float | None = Field(description="On average, in open time.")
    warned: int


class ReportOut(Schema):
    """How promises went."""

    percentile: int = Field(description="What is stated now.")
    running: int
    open_ended: int = Field(description="Told: more than an hour.")
    total: RowOut
    items: list[RowOut]


class Listed(Schema):
    since: Time | None = None
    channel: QueryId | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


class Wanted(Schema):
    """Without times the last eight weeks."""

    by: Literal["number", "queue", "week"] = Field(default="number", description="What each line is about.")
    since: Time | None = None
    until: Time | None = None


@router.get("", response={200: PromisePage, **errors.READ}, operation_id="list_promises")
def list_promises(request: ApiRequest, query: Annotated[Listed, Query()]) -> dict[str, Any]:
    """What people were told about their wait, newest first. For roles that may see how work goes."""
    rows = queries.promises(request.actor, since=query.since, channel_id=query.channel)
    before = before_id(query.cursor)
    if before is not None:
        rows = rows.filter(id__lt=before)
    shown, following = page(list(rows[: query.limit + 1]), query.limit)
    return {"items": [_document(row) for row in shown], "next": following}


@router.get("/report", response={200: ReportOut, **errors.READ}, operation_id="promises_report")
def promises_report(request: ApiRequest, query: Annotated[Wanted, Query()]) -> dict[str, Any]:
    """How often what was said was kept, beside what is stated. For roles that may see how work goes."""
    until = query.until or request.at
    since = query.since or (until - USUAL if until > FIRST_MOMENT + USUAL else FIRST_MOMENT)
    found = queries.report(request.actor, by=query.by, since=since, until=until)
    return {
        "percentile": found.percentile,
        "running": found.running,
        "open_ended": found.open_ended,
        "total": _row(found.total),
        "items": [_row(row) for row in found.rows],
    }


def _document(row: Promise) -> dict[str, Any]:
    names = (
        "id", "conversation_id", "channel_id", "queue_id", "message_id", "percentile", "said_minutes",
        "estimate_seconds", "made_at", "due_at", "warned_at", "answered_at", "waited_seconds",
    )  # fmt: skip
    told = {name: getattr(row, name) for name in names}
    return {**told, "cases": row.basis.get("cases", 0), "outcome": row.outcome or "running"}


def _row(row: Row) -> dict[str, Any]:
    return {
        "key": row.key,
        "label": row.label,
        "kept": row.kept.kept,
        "broken": row.kept.broken,
        "share": row.kept.share,
        "low": row.kept.low,
        "high": row.kept.high,
        "said_minutes": row.said_minutes,
        "waited_minutes": row.waited_minutes,
        "warned": row.warned,
    }
