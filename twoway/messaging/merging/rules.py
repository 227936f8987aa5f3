"""What becomes of two people, and of two conversations, that are one. Nothing is asked of the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from twoway.lib.words import t

Source = Literal["kept", "gone", "both"]
UNDO_DAYS = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """What a contact says of a person, as far as a merge decides about it."""

    name: str = ""
    time_zone: str = ""
    language: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    blocked_at: datetime | None = None
    blocked_until: datetime | None = None
    block_reason: str = ""
    block_note: str = ""
    blocked_by: str = ""
    is_anonymous: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What becomes of one thing: of whom it is, what it is then, and what is lost of it ("" when nothing is)."""

    label: str
    value: str
    source: Source
    lost: str = ""


def merged(kept: Person, gone: Person) -> Person:
    """One person out of two: what the kept one says counts, the other fills in.

    The stricter wins: who was blocked is, for the longer time; who is anonymous stays so.
    """
    blocked = _stricter(kept, gone)
    return replace(
        kept,
        name=kept.name or gone.name,
        time_zone=kept.time_zone or gone.time_zone,
        language=kept.language or gone.language,
        properties={**gone.properties, **kept.properties},
        blocked_at=blocked.blocked_at,
        blocked_until=blocked.blocked_until,
        block_reason=blocked.block_reason,
        block_note=blocked.block_note,
        blocked_by=blocked.blocked_by,
        is_anonymous=kept.is_anonymous or gone.is_anonymous,
    )


def _stricter(kept: Person, gone: Person) -> Person:
    if kept.blocked_at is None or gone.blocked_at is None:
        return gone if kept.blocked_at is None and gone.blocked_at is not None else kept
    if kept.blocked_until is None or gone.blocked_until is None:
        return kept if kept.blocked_until is None else gone
    return kept if kept.blocked_until >= gone.blocked_until else gone


def preview(kept: Person, gone: Person, *, names: Mapping[str, str]) -> list[Line]:
    """What becomes of each field, as a member is told before they merge. `names` are those of the properties."""
    after = merged(kept, gone)
    lines = [
        _line(t("Name"), kept.name, gone.name, after.name),
        _line(t("Language"), kept.language, gone.language, after.language),
        _line(t("Time zone"), kept.time_zone, gone.time_zone, after.time_zone),
    ]
    for key, value in after.properties.items():
        mine, theirs = str(kept.properties.get(key, "")), str(gone.properties.get(key, ""))
        lines.append(_line(names.get(key, key), mine, theirs, str(value)))
    if after.blocked_at is not None:
        lines.append(Line(label=t("Block"), value=t("Blocked"), source="kept" if kept.blocked_at else "gone"))
    return [line for line in lines if line.value]


def _line(label: str, mine: str, theirs: str, after: str) -> Line:
    if mine == theirs:
        return Line(label=label, value=after, source="both")
    return Line(label=label, value=after, source="kept" if mine else "gone", lost=theirs if mine else "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Talk:
    """What a conversation says of where it stands; the columns of `Conversation`."""

    state: str
    needs_reply: bool
    unanswered: int
    sort_at: datetime
    last_message_at: datetime
    snoozed_until: datetime | None = None
    last_message_id: int | None = None
    last_inbound_at: datetime | None = None
    last_inbound_id: int | None = None
    identity_id: int = 0
    preview: str = ""
    preview_by: str = ""
    assignee_id: int | None = None
    team_id: int | None = None


def joined(kept: Talk, gone: Talk) -> Talk:
    """One conversation out of two on the same number: open while either is, waiting since whoever waited first."""
    waiting = [one for one in (kept, gone) if one.needs_reply]
    states = {kept.state, gone.state}
    state = "open" if "open" in states else "snoozed" if "snoozed" in states else "done"
    last = max(kept, gone, key=lambda one: (one.last_message_id or 0, one.last_message_at))
    heard = [one for one in (kept, gone) if one.last_inbound_id is not None]
    inbound = max(heard, key=lambda one: one.last_inbound_id or 0, default=kept)
    ends = [one.snoozed_until for one in (kept, gone) if one.snoozed_until is not None]
    return Talk(
        state=state,
        needs_reply=bool(waiting),
        unanswered=sum(one.unanswered for one in waiting),
        sort_at=min((one.sort_at for one in waiting), default=max(kept.last_message_at, gone.last_message_at)),
        last_message_at=max(kept.last_message_at, gone.last_message_at),
        snoozed_until=min(ends, default=None) if state == "snoozed" else None,
        last_message_id=last.last_message_id,
        last_inbound_at=inbound.last_inbound_at,
        last_inbound_id=inbound.last_inbound_id,
        identity_id=last.identity_id,
        preview=last.preview,
        preview_by=last.preview_by,
        assignee_id=kept.assignee_id or gone.assignee_id,
        team_id=kept.team_id or gone.team_id,
    )
