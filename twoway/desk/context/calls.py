"""Calls as the thread and the panel show them."""

from __future__ import annotations

from dataclasses import dataclass

from twoway.desk.context.files import FileItem


@dataclass(frozen=True, kw_only=True, slots=True)
class CallCard:
    """One call. `words` say how it stands, `detail` what was done about it; `is_live` while somebody may talk.

    `end_url` and `outcome_url` are there for who may use them; `outcomes` are the choices with their labels.
    """

    id: int
    icon: str
    words: str
    strong: tuple[str, ...] = ()
    detail: str = ""
    tone: str = ""
    is_live: bool = False
    file: FileItem | None = None
    transcript: str = ""
    end_url: str = ""
    outcome_url: str = ""
    outcome: str = ""
    outcomes: tuple[tuple[str, str], ...] = ()
