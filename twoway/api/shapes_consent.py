"""What the API says and takes about consent."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, StrictStr, StringConstraints

from twoway.api.fields import Time, TimeOut

PurposeSlug = Annotated[StrictStr, StringConstraints(pattern="^[a-z0-9][a-z0-9_-]{0,39}$")]
Change = Literal["granted", "confirmed", "requested", "withdrawn", "lifted", "expired", "denied"]


class ConsentItem(Schema):
    """Whether one address of the contact may be texted from one of our channels."""

    identity_id: int
    address: str
    channel_id: int
    state: Literal["in", "out", "none"] = Field(description="Withdrawn is out; written to us or opted back in is in.")
    can_text: bool
    opted_out_at: TimeOut | None
    source: Literal["keyword", "words", "provider", "carrier", "member", "api"] | None
    keyword: str | None


class PurposeState(Schema):
    """How consent stands for one purpose; a null channel is every number, the purpose `all` every purpose."""

    identity_id: int
    purpose: str
    channel_id: int | None
    state: Change
    level: Literal["implied", "express", "written"] | None
    at: TimeOut
    expires_at: TimeOut | None


class ConsentOut(Schema):
    items: list[ConsentItem]
    purposes: list[PurposeState] = Field(description="From the consent ledger, the latest change first.")


class ConsentIn(Schema):
    """One change of consent. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")

    identity_id: int | None = Field(default=None, ge=1, le=2**63 - 1, description="Which address; null: the first.")
    purpose: PurposeSlug
    change: Literal["granted", "withdrawn"]
    level: Literal["express", "written"] = "express"
    disclosure: Annotated[StrictStr, StringConstraints(max_length=2000)] = Field(
        default="", description="The exact words they were shown; kept with their hash."
    )
    source_url: Annotated[StrictStr, StringConstraints(max_length=500)] = ""
    ip: Annotated[StrictStr, StringConstraints(max_length=45)] = ""
    note: Annotated[StrictStr, StringConstraints(max_length=500)] = ""
    expires_at: Time | None = None


class EntryOut(Schema):
    """One entry of the consent ledger."""

    position: int
    change: Change
    purpose: str
    level: str | None
    at: TimeOut
    hash: str


class ProofOut(Schema):
    """Everything the ledger holds about one person; `how_to_check` says how each hash was made."""

    format: Literal["twoway-consent-proof-1"]
    workspace: str
    made_at: str
    made_by: str
    contact: dict[str, Any]
    standing: list[dict[str, Any]]
    entries: list[dict[str, Any]]
    chain: dict[str, Any]
    how_to_check: str
