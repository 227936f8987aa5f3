"""How far a workspace has come with its first texts."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from twoway.teams.actor import Actor

_PROGRESS = """
SELECT EXISTS (SELECT 1 FROM conversation WHERE workspace_id = %(workspace)s AND last_inbound_id IS NOT NULL),
    EXISTS (SELECT 1 FROM conversation c JOIN message m ON m.conversation_id = c.id
        WHERE c.workspace_id = %(workspace)s AND c.last_inbound_id IS NOT NULL
          AND m.direction = 'out' AND m.author = 'member' AND m.status IN ('sent', 'delivered')),
    EXISTS (SELECT 1 FROM channel n JOIN conversation c ON c.channel_id = n.id
        JOIN message m ON m.conversation_id = c.id
        WHERE n.workspace_id = %(workspace)s AND n.provider = 'simulator' AND c.last_inbound_id IS NOT NULL
          AND m.direction = 'out' AND m.author = 'member' AND m.status IN ('sent', 'delivered'))
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """Whether a customer's text came in, whether a person's answer left, and whether one did on the simulator."""

    received: bool
    answered: bool
    practised: bool


def progress_of(actor: Actor) -> Progress:
    """The first texts of the actor's workspace. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_PROGRESS, {"workspace": actor.workspace_id})
        received, answered, practised = cursor.fetchone()
    return Progress(received=received, answered=answered, practised=practised)
