"""Texts: list, count, read and send them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from ninja import Header, Path, Query, Router, Schema, Status
from pydantic import StringConstraints

from twoway.api import errors, numbers, paging, problems, shapes
from twoway.api.auth import ApiRequest
from twoway.api.fields import Limit, PathId, QueryId, Time
from twoway.api.outlines import (
    decision_document,
    message_document,
    message_documents,
    sent_document,
    status_event_document,
)
from twoway.channels import queries as channels
from twoway.channels.queries import Channel
from twoway.compliance.content.queries import warnings_of
from twoway.compliance.deciding.queries import decisions
from twoway.messaging import outbound
from twoway.messaging import queries as messaging
from twoway.messaging.templating import TemplateWish
from twoway.sms import phone
from twoway.teams import queries as teams
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

router = Router(tags=["Messages"])

CLOCK_SLACK = timedelta(minutes=5)

IdempotencyKey = Annotated[
    Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,200}$")] | None,
    Header(
        alias="Idempotency-Key",
        description="Any word of yours, new for each text. The same key again answers with the same text (200).",
    ),
]


class Filters(Schema):
    """Which texts; all that are given must hold."""

    direction: Literal["in", "out"] | None = None
    contact: QueryId | None = None
    conversation: QueryId | None = None
    channel: QueryId | None = None
    since: Time | None = None

    def wanted(self) -> messaging.MessageFilter:
        """The same for the query."""
        return messaging.MessageFilter(
            direction=self.direction,
            contact=self.contact,
            conversation=self.conversation,
            channel=self.channel,
            since=self.since,
        )


class Page(Filters):
    limit: Limit = 50
    cursor: paging.Cursor | None = None


@router.get("", response={200: shapes.MessagePage, **errors.READ}, by_alias=True, operation_id="list_messages")
def list_messages(request: ApiRequest, query: Annotated[Page, Query()]) -> dict[str, Any]:
    """Texts in both directions, newest first. `since` is by the time they were stored here, included."""
    rows = messaging.list_messages(
        request.actor, query.wanted(), before_id=paging.before_id(query.cursor), limit=query.limit + 1
    )
    shown, following = paging.page(rows, query.limit)
    return {"items": message_documents(shown, to=request.actor, at=request.at), "next": following}


@router.get("/count", response={200: shapes.CountOut, **errors.READ}, operation_id="count_messages")
def count_messages(request: ApiRequest, query: Annotated[Filters, Query()]) -> dict[str, int]:
    """How many texts there are, by the same filters."""
    return {"count": messaging.count_messages(request.actor, query.wanted())}


@router.get(
    "/{int:message_id}",
    response={200: shapes.MessageDetailOut, **errors.READ_ONE},
    by_alias=True,
    operation_id="get_message",
)
def get_message(request: ApiRequest, message_id: Annotated[PathId, Path()]) -> dict[str, Any]:
    """One text, with every word its provider has said about it, and every decision of compliance."""
    message = messaging.access_message(request.actor, message_id)
    events = [status_event_document(event) for event in messaging.status_events(message)]
    decided = [decision_document(one) for one in decisions(message.pk)]
    return message_document(message, to=request.actor, at=request.at) | {
        "status_events": events,
        "decisions": decided,
        "warnings": warnings_of(message.pk),
    }


@router.post(
    "",
    response={200: shapes.SentOut, 201: shapes.SentOut, **errors.SEND},
    by_alias=True,
    operation_id="send_message",
)
def send_message(
    request: ApiRequest, body: shapes.MessageIn, idempotency_key: IdempotencyKey = None
) -> Status[dict[str, Any]]:
    """Send a text to a number. 201 when it was accepted now, 200 when this key's text was accepted before.

    What policy refuses is 422 with a code such as `opted_out`, `no_consent`, `unknown_purpose`, `landline`, `too_long`.
    A card number, a security code, an SSN or a password in it is 422 with `sensitive_data`, words that the workspace
    stops are `content_blocked`; what is only warned of is in `warnings`.

    With `seen_id`, a text that is newer than that one stops it: 409 with `overtaken`, and nothing is sent.

    What must wait, for quiet hours or a cap, is taken with the status `scheduled` and a `held_reason`; when it would no
    longer be valid by then, it is 422 with that reason.
    """
    actor = request.actor
    require(actor, Right.REPLY)
    queued = outbound.queue_first_text(
        by=actor,
        channel=_sender(actor, body.from_),
        identity=numbers.read(actor, body.to, field="to"),
        body=body.body,
        at=request.at,
        idempotency_key=idempotency_key,
        media_urls=body.media_urls,
        purpose=body.purpose,
        send_at=schedule(body.send_at, at=request.at),
        valid_until=body.valid_until,
        template=template_of(body),
        seen_id=body.seen_id,
    )
    return Status(201 if queued.is_new else 200, sent_document(queued, to=actor, at=request.at))


def template_of(body: shapes.MessageIn | shapes.ReplyIn) -> TemplateWish | None:
    """The template that was asked for. Raises `problems.Problem` when words or files came with it."""
    told = body.template
    if told is None:
        return None
    if body.body or body.media_urls:
        field = "body" if body.body else "media_urls"
        raise problems.invalid_field(field, "A template brings its own words and files.")
    return TemplateWish(name=told.name, language=told.language, values=tuple(told.values))


def schedule(send_at: datetime | None, *, at: datetime) -> datetime | None:
    """The moment to send, or None for now. What has just passed is now: clocks differ and requests take time."""
    if send_at is None or at - CLOCK_SLACK <= send_at <= at:
        return None
    return send_at


def _sender(actor: Actor, given: str | int) -> Channel:
    """The active channel of this id or address; a bare number is WhatsApp's where there is no other.

    Raises `problems.Problem`.
    """
    found = channels.visible_channels(actor).filter(is_active=True)
    if isinstance(given, int):
        matching = list(found.filter(id=given))
    else:
        number = phone.identify(given, region=teams.workspace_of(actor).region).value
        matching = list(found.filter(address__in={given, number})[:2])
        matching = matching or list(found.filter(address=f"whatsapp:{number}")[:2])
    if not matching:
        raise problems.invalid_field("from", "No active channel of this workspace has this number.")
    if len(matching) > 1:
        raise problems.invalid_field("from", "Several channels have this address; give the id of one.")
    return matching[0]
