"""Permission to listen to the live stream: signed, for one member, good for a minute."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.core import signing

from twoway.teams.actor import Actor

SALT = "twoway.live"
GOOD_FOR_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """Who listens. `teams` is None for those who see every conversation. `issued` is in Unix seconds.

    `is_board`: a screen nobody is signed in at, `member_id` 0. It is told that something changed, and no more.
    """

    workspace_id: int
    member_id: int
    teams: frozenset[int] | None
    issued: float = 0.0
    is_board: bool = False


def issue(actor: Actor) -> str:
    """A ticket for this member, as text for an address."""
    teams = sorted(actor.team_ids) if actor.sees_own_teams_only else None
    return signing.dumps([actor.workspace_id, actor.member_id, teams, time.time()], salt=SALT)


def issue_board(workspace_id: int) -> str:
    """A ticket for a screen on the wall of this workspace, as text for an address."""
    return signing.dumps([workspace_id, 0, [], time.time(), True], salt=SALT)


def read(text: str) -> Ticket | None:
    """The ticket, or None when it is forged, older than a minute, or of another make."""
    try:
        workspace_id, member_id, teams, issued, *board = signing.loads(text, salt=SALT, max_age=GOOD_FOR_SECONDS)
    except (signing.BadSignature, ValueError):
        return None
    return Ticket(
        workspace_id=workspace_id,
        member_id=member_id,
        teams=None if teams is None else frozenset(teams),
        issued=issued,
        is_board=board == [True],
    )
