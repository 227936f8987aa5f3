"""What the API says of people's properties, of what happened to them elsewhere, and of merges."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr, StringConstraints

from twoway.api.fields import Id, Time, TimeOut
from twoway.api.shapes import Address, ContactOut, In

Whole = Annotated[StrictInt, Field(ge=-(2**53), le=2**53)]
Plain = StrictStr | Whole | StrictFloat | StrictBool | None
Key = Annotated[StrictStr, StringConstraints(min_length=1, max_length=120)]
Link = Annotated[StrictStr, StringConstraints(max_length=500)]


class ContactFieldOut(Schema):
    """A property the workspace defined: its values are checked by its type."""

    key: str
    name: str
    type: Literal["text", "number", "date", "yes_no", "choice", "link", "phone", "email"]
    help: str
    choices: list[str] = Field(description="Of a choice; else empty.")


class ContactFieldPage(Schema):
    items: list[ContactFieldOut]
    next: str | None


class AudienceOut(Schema):
    """People by what is true of them, under a name."""

    id: int
    name: str


class AudiencePage(Schema):
    items: list[AudienceOut]
    next: str | None


class IdentityIn(In):
    """One more address of a person: a number or an email address."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"address": "+15035550199"}})

    address: Address = Field(description="A number, international or of the workspace's country, or an email address.")


class OutsideEventIn(In):
    """What happened to a person elsewhere. The same key again changes nothing, so it can be sent twice safely."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "key": "order-20418",
                "kind": "order",
                "title": "Trip RC-20418 started",
                "url": "https://shop.example.com/orders/20418",
                "at": "2026-03-10T17:00:00Z",
                "data": {"total": "$38.50"},
            }
        },
    )

    key: Key
    kind: Annotated[StrictStr, StringConstraints(min_length=1, max_length=40)]
    title: Annotated[StrictStr, StringConstraints(min_length=1, max_length=200)]
    at: Time
    url: Link = ""
    data: dict[Annotated[StrictStr, StringConstraints(max_length=60)], Plain] = Field(default={}, max_length=20)


class OutsideEventOut(Schema):
    """The same as it is kept."""

    id: int
    key: str
    kind: str
    title: str
    url: str
    at: TimeOut
    data: dict[str, Plain]


class OutsideEventPage(Schema):
    items: list[OutsideEventOut]
    next: str | None


class MergeIn(In):
    """The contact that becomes part of this one."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"contact_id": 42}})

    contact_id: Id


class MergeOut(Schema):
    """A merge, and the contact that stayed."""

    id: int
    undo_until: TimeOut
    contact: ContactOut
