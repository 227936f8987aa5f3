"""What the API says of a picture or file."""

from __future__ import annotations

from typing import Literal

from ninja import Schema
from pydantic import Field


class MediaOut(Schema):
    """A picture or file of a text. What it is, is told by its content."""

    id: int
    url: str = Field(description="Where it can be fetched for a day, without a token; empty while it is not here.")
    type: Literal["image", "video", "audio", "pdf", "contact", "location", "file"]
    content_type: str
    name: str
    size: int = Field(description="Bytes; 0 while it is not here.")
    state: Literal["waiting", "ready", "failed"] = Field(description="A file that was sent to us is fetched first.")
    error: str | None = Field(description="Why it could not be fetched, at the last try.")
    latitude: float | None = Field(description="Of a location.")
    longitude: float | None = Field(description="Of a location.")
