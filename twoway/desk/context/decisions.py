"""What compliance decided about one text, as the popover of the thread shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionLine:
    """One decision. `facts` are what it saw, in words; `warnings` what the author was told although it went."""

    verdict: Literal["allow", "hold", "deny"]
    title: str
    words: str
    at: datetime
    facts: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Why:
    """All decisions about one text, newest first. `purpose` is its label, `standing` how it is now in a sentence."""

    conversation_id: int
    message_id: int
    purpose: str
    standing: str
    lines: tuple[DecisionLine, ...] = ()
