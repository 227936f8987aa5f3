"""What the API's documents look like, in and out. Additions are fine; a change keeps the old form working."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, StrictStr, StringConstraints

from twoway.api.fields import Flag, Id, IdOrNone, MaybeText, Text, Time, TimeOut
from twoway.api.shapes_fate import WHY, DecisionOut, Purpose, StatusEventOut
from twoway.api.shapes_media import MediaOut

MOST_MEDIA = 10
MOST_TAGS = 50
MOST_PROPERTIES = 50

Status = Literal[
    "received", "scheduled", "queued", "sending", "sent", "delivered", "read", "undelivered", "failed", "canceled"
]
ConversationState = Literal["open", "snoozed", "done"]
Address = Annotated[StrictStr, StringConstraints(min_length=1, max_length=120)]
Name = Annotated[StrictStr, StringConstraints(max_length=120)]
TagName = Annotated[StrictStr, StringConstraints(min_length=1, max_length=40)]
HttpsUrl = Annotated[StrictStr, StringConstraints(pattern="^https://", max_length=2000)]


class In(Schema):
    """A body: fields we do not know are refused, so that a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid")


class FieldErrorOut(Schema):
    field: str = Field(description="Path from the root of the body, or the name of the parameter.")
    detail: str


class ProblemOut(Schema):
    """An error (RFC 9457). Programs decide by `code`; people read `detail`."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldErrorOut] = Field(default=[], description="The fields at fault, for `invalid`.")


class MessageOut(Schema):
    """One text. `from` and `to` are as on the wire: ours and theirs, by direction."""

    model_config = ConfigDict(
        populate_by_name=True,
        json_schema_extra={
            "example": {
                "id": 1041,
                "conversation_id": 17,
                "channel_id": 2,
                "direction": "out",
                "status": "delivered",
                "from": "+15035550142",
                "to": "+15035550178",
                "body": "Your car is unlocked and waiting in bay B16.",
                "provider_id": "SM0123456789abcdef0123456789abcdef",
                "encoding": "GSM-7",
                "segments": 1,
                "media": [],
                "error": None,
                "error_code": None,
                "is_uncertain": False,
                "price": "0.008300",
                "currency": "USD",
                "price_is_reported": True,
                "purpose": "reply",
                "redacted": [],
                "by": "Ana Ruiz",
                "send_at": None,
                "held_reason": None,
                "created_at": "2026-03-14T21:31:00.112Z",
                "sent_at": "2026-03-14T21:31:00.401Z",
                "delivered_at": "2026-03-14T21:31:02.870Z",
            }
        },
    )

    id: int
    conversation_id: int
    channel_id: int
    direction: Literal["in", "out"]
    status: Status
    from_: str = Field(alias="from")
    to: str
    body: str
    provider_id: str | None = Field(description="The provider's id, once it has one.")
    encoding: Literal["GSM-7", "UCS-2"]
    segments: int
    media: list[MediaOut]
    error: str | None = Field(description="Why it was not delivered: a reason such as landline, opted_out, expired.")
    error_code: str | None = Field(description="The carrier's or provider's own code for it.")
    is_uncertain: bool = Field(description="The provider has not confirmed; nothing is sent again before it is asked.")
    price: str | None = Field(description="What it costs, as a decimal; null when nobody knows.")
    currency: str | None = Field(description="Of the price: three letters (ISO 4217).")
    price_is_reported: bool = Field(description="The provider said this price; else it is estimated.")
    purpose: str
    redacted: list[str] = Field(description="What was taken out before it was stored: card, cvv, ssn, password, code.")
    by: str | None = Field(description="Who wrote it, for a text of ours.")
    send_at: TimeOut | None = Field(description="When it will leave, while it is scheduled.")
    held_reason: str | None = Field(
        description="Why it waits, while compliance holds it: quiet_hours, cap_reached, ..."
    )
    created_at: TimeOut
    sent_at: TimeOut | None
    delivered_at: TimeOut | None


class WarningOut(Schema):
    """One thing the content checks say about a text that goes all the same."""

    code: str = Field(description="Such as asks_card, words_alcohol, short_link, no_name, no_opt_out.")
    category: str
    sentence: str
    found: str = Field(description="The words it is about; empty when something is missing.")


class SentOut(MessageOut):
    warnings: list[WarningOut] = Field(description="What the content checks say; empty when this key's text is old.")


class MessageDetailOut(MessageOut):
    warnings: list[WarningOut] = Field(description="What the content checks said when it was queued.")
    status_events: list[StatusEventOut]
    decisions: list[DecisionOut] = Field(description="Why it went, waits or may not go; oldest first.")


class MessagePage(Schema):
    items: list[MessageOut]
    next: str | None


class CostOut(Schema):
    """What one day, number or team spent in one currency; which of the three ids is set follows from `by`."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "day": "2026-03-14",
                "channel_id": None,
                "team_id": None,
                "currency": "USD",
                "amount": "4.150000",
                "texts": 500,
            }
        }
    )

    day: str | None = Field(description="On the workspace's calendar.")
    channel_id: int | None
    team_id: int | None = Field(description="Null by team is what belongs to no team.")
    currency: str | None = Field(description="Null for texts whose price nobody knows.")
    amount: str
    texts: int


class CostPage(Schema):
    items: list[CostOut]
    next: str | None


class CountOut(Schema):
    count: int


class TemplateIn(In):
    """A WhatsApp template, for a conversation in which the customer last wrote more than 24 hours ago."""

    name: Annotated[StrictStr, StringConstraints(min_length=1, max_length=512)]
    language: Annotated[StrictStr, StringConstraints(min_length=1, max_length=20)] = Field(description="Such as en_US.")
    values: list[Annotated[StrictStr, StringConstraints(max_length=2000)]] = Field(
        default=[], max_length=50, description="One for each of its places, in order."
    )


class _Text(In):
    body: MaybeText = Field(
        default="",
        description="The text, up to 10,000 characters; the provider's own limit may be lower. "
        "It may be left out when there is a file.",
    )
    media_urls: list[HttpsUrl] = Field(
        default=[],
        max_length=MOST_MEDIA,
        description="Public https addresses of pictures and files. They are fetched now and sent from here; where the "
        "carrier does not take one, the text gets a link to it.",
    )
    send_at: Time | None = Field(default=None, description="Send it then instead of now: up to 35 days ahead.")
    valid_until: Time | None = Field(default=None, description="Do not send it later than this, rather not at all.")
    template: TemplateIn | None = Field(default=None, description="Instead of a body, on a WhatsApp channel.")
    purpose: Purpose = Field(default="reply", description=WHY)
    seen_id: IdOrNone | None = Field(
        default=None,
        description="The newest text of the conversation you have seen, 0 for none. When there is a newer one, of "
        "theirs or of ours, nothing is sent: 409 `overtaken`. Left out, nobody asks.",
    )


class MessageIn(_Text):
    """A text to a number. The contact and the conversation are found, or made."""

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
        json_schema_extra={
            "example": {"from": "+15035550142", "to": "+15035550178", "body": "Your car is unlocked in bay B16."}
        },
    )

    from_: Address | Id = Field(alias="from", description="A channel of this workspace: its number, or its id.")
    to: Address = Field(description="Who to text: +15035550178, or a national number of the workspace's country.")


class ReplyIn(_Text):
    """A text into an existing conversation."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"body": "You are all set, Dana."}})


class ConversationOut(Schema):
    """The thread of one contact on one channel."""

    id: int
    contact_id: int
    contact_name: str
    channel_id: int
    address: str = Field(description="The address they last wrote from.")
    state: ConversationState
    snoozed_until: TimeOut | None
    assignee_id: int | None
    team_id: int | None
    tags: list[str]
    needs_reply: bool = Field(description="The customer spoke last.")
    unanswered: int = Field(description="Their texts since our last reply.")
    preview: str
    last_message_at: TimeOut
    created_at: TimeOut


class ConversationPage(Schema):
    items: list[ConversationOut]
    next: str | None


class ConversationPatch(In):
    """What to change; fields left out stay. All of it happens, or none."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"state": "done", "assignee_id": 4, "tags": ["Lockout"]}}
    )

    state: ConversationState | None = None
    snoozed_until: Time | None = Field(default=None, description="With state snoozed, or alone, which also snoozes.")
    assignee_id: Id | None = Field(default=None, description="A member's id; null takes the assignment away.")
    team_id: Id | None = Field(default=None, description="A team's id; null takes the team away.")
    tags: list[TagName] | None = Field(default=None, max_length=MOST_TAGS, description="All its tags from now on.")


class NoteIn(In):
    body: Text


class NoteOut(Schema):
    """A private remark; the customer never sees it."""

    id: int
    conversation_id: int
    body: str
    by: str
    created_at: TimeOut


class IdentityOut(Schema):
    id: int
    kind: Literal["phone", "short_code", "alpha", "email", "whatsapp"]
    value: str
    reach: str = Field(description="What a carrier told us about texting it, such as landline; empty when nothing.")


class ContactOut(Schema):
    """A person, and the addresses they use."""

    id: int
    name: str
    identities: list[IdentityOut]
    properties: dict[str, Any]
    time_zone: str
    language: str
    is_anonymous: bool = Field(
        description="Nobody sees their name and addresses: an alias such as Guest Heron 4821 stands for both."
    )
    is_blocked: bool
    blocked_until: TimeOut | None = Field(description="When the block ends by itself; null: when somebody ends it.")
    block_reason: Literal["spam", "abuse", "wrong_number", "other"] | None
    created_at: TimeOut


class ContactPage(Schema):
    items: list[ContactOut]
    next: str | None


PropertyName = Annotated[StrictStr, StringConstraints(min_length=1, max_length=60)]
PropertyValue = Annotated[StrictStr, StringConstraints(max_length=500)]


class ContactIn(In):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"phone": "+15035550178", "name": "Dana", "properties": {"Plan": "Day"}}},
    )

    phone: Address = Field(description="+15035550178, or a national number of the workspace's country.")
    name: Name = ""
    properties: dict[PropertyName, PropertyValue] = Field(default={}, max_length=MOST_PROPERTIES)


class ContactPatch(In):
    """What to change; fields left out stay. A property set to null is taken away."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"name": "Dana W.", "is_blocked": False}})

    name: Name | None = None
    properties: dict[PropertyName, PropertyValue | None] | None = Field(default=None, max_length=MOST_PROPERTIES)
    time_zone: Annotated[StrictStr, StringConstraints(max_length=64)] | None = Field(
        default=None, description="Such as America/New_York; empty: unknown."
    )
    language: Annotated[StrictStr, StringConstraints(max_length=12)] | None = Field(
        default=None, description="Such as en or pt-BR; empty: unknown."
    )
    is_blocked: Flag | None = None
    block_reason: Literal["spam", "abuse", "wrong_number", "other"] | None = None
    blocked_until: Time | None = Field(default=None, description="With is_blocked: when the block ends by itself.")
