"""A rule gave a conversation to somebody else, as an event."""

from __future__ import annotations

from dataclasses import dataclass

from twoway.events.happened import Happened


@dataclass(frozen=True, kw_only=True)
class ConversationEscalated(Happened):
    """A rule of the workspace acted. `why` says which of its conditions held, in the words of its form.

    `given` is "manager", "member", "team", "queue" or "" when it stays where it is, and `given_name` who that is; ""
    with "manager" says that none may have it. `priority` is its new one or 0. `told_ids` are members to be told.
    """

    type = "conversation_escalated"
    is_shown = True
    rule_name: str
    why: str = ""
    given: str = ""
    given_name: str = ""
    tag_name: str = ""
    priority: int = 0
    told_ids: tuple[int, ...] = ()
