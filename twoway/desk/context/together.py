"""What is shown of members working together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class HandoverCard:
    """Above the log of whoever got the conversation. `lines` are pairs of what about, or "", and what."""

    id: int
    conversation_id: int
    headline: str
    at: datetime
    lines: tuple[tuple[str, str], ...]
