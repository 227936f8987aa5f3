"""What the API's documents about our own numbers, members and teams look like."""

from __future__ import annotations

from typing import Literal

from ninja import Schema
from pydantic import Field

from twoway.api.fields import TimeOut


class ChannelCountsOut(Schema):
    """What became of a channel's texts. A text that fails is in `failed`, and in `filtered` if a carrier blocked it."""

    sent: int
    delivered: int
    failed: int
    filtered: int
    opted_out: int


class ChannelOut(Schema):
    """One of our own addresses. Credentials never leave the server."""

    id: int
    kind: Literal["sms", "whatsapp", "email", "chat", "voice"]
    provider: str
    address: str
    name: str
    team_id: int | None
    is_active: bool
    pool_id: int | None = Field(description="The pool it is in; a person has one conversation with all of its numbers.")
    state: Literal["up", "paused", "down", "retiring", "retired", "off"] = Field(
        description="Whether it sends: paused by a person or a rule, or its provider is down."
    )
    reason: str = Field(description="Why it is paused, or empty.")
    paused_until: TimeOut | None
    retires_at: TimeOut | None
    successor_id: int | None = Field(description="The channel that follows it.")
    waiting: int = Field(description="Texts that wait to be sent.")
    oldest_waiting_seconds: float = Field(description="How long the oldest of them has waited.")
    last_24_hours: ChannelCountsOut


class TemplateOut(Schema):
    """A WhatsApp template of one of our channels, as its provider last told it."""

    name: str
    language: str
    category: str
    status: str
    header: str
    body: str
    footer: str
    buttons: list[str]
    places: list[str] = Field(description="Where its values go, in the order they are given in.")
    can_be_sent: bool
    why_not: str | None


class MemberOut(Schema):
    id: int
    name: str
    email: str
    role: Literal["owner", "admin", "manager", "agent", "viewer"]
    team_ids: list[int]


class TeamOut(Schema):
    id: int
    name: str
