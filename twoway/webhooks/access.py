"""Who has to ask anew for the right to listen: members whose role, teams or membership changed a moment ago."""

from __future__ import annotations

from typing import Any

from twoway.teams.tickets import GOOD_FOR_SECONDS, Ticket


class Withdrawn:
    """Tickets from before a change are refused until they are too old anyway. Times are in Unix seconds."""

    def __init__(self) -> None:
        self._since: dict[tuple[int, int | None], float] = {}

    def hear(self, said: dict[str, Any], *, now: float) -> tuple[int, frozenset[int] | None]:
        """Take a notice of `teams.streams`; the workspace, and whose streams end: None for everybody's."""
        self._since = {who: since for who, since in self._since.items() if since > now - GOOD_FOR_SECONDS}
        members: list[int] | None = said["m"]
        for member in [None] if members is None else members:
            self._since[said["w"], member] = now
        return said["w"], None if members is None else frozenset(members)

    def refuses(self, ticket: Ticket) -> bool:
        """Whether this ticket is from before the last change."""
        workspace_id, member_id = ticket.workspace_id, ticket.member_id
        last = max(self._since.get((workspace_id, None), 0.0), self._since.get((workspace_id, member_id), 0.0))
        return ticket.issued <= last
