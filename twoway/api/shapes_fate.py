"""What the API says of why a text is sent, and of what became of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field, StrictStr, StringConstraints

from twoway.api.fields import TimeOut

Purpose = Annotated[StrictStr, StringConstraints(min_length=1, max_length=20)]
WHY = (
    "Why it is sent: reply, service, reminder, transactional, survey, promotion, emergency, or one of the workspace's "
    "own; also broadcast (one of many, with the consent of a promotion) and test."
)


class StatusEventOut(Schema):
    """One word of the provider about a text, in the order received."""

    status: str
    raw_status: str = Field(description="The provider's own word.")
    error_code: str | None
    provider_at: TimeOut | None
    received_at: TimeOut


class DecisionOut(Schema):
    """One decision about a text, with the facts it saw: at the door, when it was asked for, or at its claim."""

    stage: Literal["door", "claim"]
    verdict: Literal["allow", "hold", "deny"]
    reason: str | None = Field(description="Such as opted_out, no_consent, quiet_hours; null when it may go.")
    purpose: str
    detail: str | None = Field(description="The same for people, as it was said then.")
    until: TimeOut | None = Field(description="When a hold was to end.")
    facts: dict[str, Any]
    at: TimeOut
