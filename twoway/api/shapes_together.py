"""What programs send to hand a conversation over."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from twoway.api.fields import Flag, Id
from twoway.api.shapes import In


class HandOverIn(In):
    """To whom: a member, a team, a queue or whichever manager is there, one of them. Names behind an @ in the note are
    mentioned.
    """

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"assignee_id": 4, "note": "@Ben you know the car"}}
    )

    assignee_id: Id | None = None
    team_id: Id | None = None
    queue_id: Id | None = Field(default=None, description="They wait in it until somebody is free.")
    to_manager: Flag = Field(default=False, description="Whoever manages, is there and has the least to do.")
    note: str = Field(default="", max_length=10_000, description="A private note in the thread.")
    summary: str = Field(
        default="", max_length=4_000, description="Above the thread of whoever gets it, until they close it."
    )
