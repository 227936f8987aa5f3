"""What members do for one another in a conversation, as events."""

from __future__ import annotations

from dataclasses import dataclass

from twoway.events.happened import HappenedBy


@dataclass(frozen=True, kw_only=True)
class MemberMentioned(HappenedBy):
    """A note named these members, or teams they are in; only who may see the conversation, and never its writer."""

    type = "member_mentioned"
    note_id: int
    mentioned_ids: tuple[int, ...] = ()
    team_ids: tuple[int, ...] = ()
