"""Many conversations to many members at once, as routing decides: in a handful of statements, whatever their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from twoway.events.actions import Audience, notify, publish_many
from twoway.events.types import ConversationAssigned, ConversationUnassigned


@dataclass(frozen=True, kw_only=True, slots=True)
class Gift:
    """One conversation, who gets it, and why: a word of `routing.words.WHYS` and the queue it waited in.

    Without a member it only comes to the team. What is None stays as it is.
    """

    conversation_id: int
    member_id: int | None = None
    team_id: int | None = None
    why: str = ""
    queue_name: str = ""


# Only what is still open and nobody's is given: whoever was quicker keeps it. Only to who may still sign in.
_GIVE = """
WITH gift AS (
    SELECT * FROM unnest(%(ids)s::bigint[], %(members)s::bigint[], %(teams)s::bigint[]) AS g(id, member_id, team_id)
), locked AS (
    SELECT c.id, c.team_id AS team_before FROM conversation c JOIN gift g ON g.id = c.id
    WHERE c.workspace_id = %(workspace)s AND c.assignee_id IS NULL AND c.state = 'open'
    ORDER BY c.id FOR NO KEY UPDATE OF c
), given AS (
    UPDATE conversation c SET assignee_id = coalesce(m.id, c.assignee_id), team_id = coalesce(t.id, c.team_id)
    FROM gift g JOIN locked l ON l.id = g.id
    LEFT JOIN member m ON m.id = g.member_id AND m.workspace_id = %(workspace)s AND m.is_active
    LEFT JOIN team t ON t.id = g.team_id AND t.workspace_id = %(workspace)s
    WHERE c.id = g.id AND c.assignee_id IS NULL AND (m.id IS NOT NULL OR t.id IS DISTINCT FROM c.team_id)
      AND (g.member_id IS NULL OR m.id IS NOT NULL)
    RETURNING c.id, c.contact_id, c.team_id, c.assignee_id, l.team_before
)
SELECT v.id, v.contact_id, v.team_id, v.assignee_id, v.team_before, t.name,
       CASE WHEN a.name = '' THEN a.email ELSE a.name END
FROM given v LEFT JOIN team t ON t.id = v.team_id AND v.team_id IS DISTINCT FROM v.team_before
LEFT JOIN member m ON m.id = v.assignee_id LEFT JOIN account a ON a.id = m.user_id ORDER BY v.id
"""
# What a customer waits in goes back; the rest stays with whom it was.
_TAKE_BACK = """
WITH locked AS (
    SELECT c.id, c.assignee_id AS held_by FROM conversation c
    WHERE c.workspace_id = %(workspace)s AND c.id = ANY(%(ids)s) AND c.state = 'open'
      AND c.assignee_id = ANY(%(members)s)
    ORDER BY c.id FOR NO KEY UPDATE OF c
)
UPDATE conversation c SET assignee_id = NULL FROM locked l JOIN member m ON m.id = l.held_by
JOIN account a ON a.id = m.user_id
WHERE c.id = l.id
RETURNING c.id, c.contact_id, c.team_id, l.held_by, CASE WHEN a.name = '' THEN a.email ELSE a.name END
"""


@transaction.atomic
def give_many(*, workspace_id: int, gifts: Sequence[Gift], at: datetime) -> frozenset[int]:
    """Give each to its member, its team, or both, with a line in the thread and a live notice; which were given.

    What somebody has by now, or isn't open any more, stays as it is.
    """
    if not gifts:
        return frozenset()
    by_id = {gift.conversation_id: gift for gift in gifts}
    told: list[Audience] = []
    lines = []
    names: dict[str, Any] = {
        "ids": list(by_id),
        "members": [gift.member_id for gift in by_id.values()],
        "teams": [gift.team_id for gift in by_id.values()],
        "workspace": workspace_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(_GIVE, names)
        rows = cursor.fetchall()
    for key, contact_id, team_id, assignee_id, team_before, team_name, name in rows:
        gift = by_id[key]
        told += [(key, team_before, None), (key, team_id, assignee_id)]
        lines.append(
            ConversationAssigned(
                workspace_id=workspace_id,
                conversation_id=key,
                contact_id=contact_id,
                assignee_id=assignee_id,
                assignee_name=name or "",
                team_id=team_id if team_name else None,
                team_name=team_name or "",
                why=gift.why,
                queue_name=gift.queue_name,
            )
        )
    publish_many(lines, at=at)
    notify(workspace_id=workspace_id, conversations=told)
    return frozenset(row[0] for row in rows)


@transaction.atomic
def take_back_many(
    *, workspace_id: int, conversation_ids: Sequence[int], member_ids: Sequence[int], at: datetime
) -> frozenset[int]:
    """Take these from these members, so that nobody has them; which were taken. What is with others stays there."""
    if not conversation_ids:
        return frozenset()
    names: dict[str, Any] = {"workspace": workspace_id, "ids": list(conversation_ids), "members": list(member_ids)}
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_BACK, names)
        rows = cursor.fetchall()
    told: list[Audience] = []
    lines = []
    for key, contact_id, team_id, held_by, name in rows:
        told += [(key, team_id, held_by), (key, team_id, None)]
        lines.append(
            ConversationUnassigned(
                workspace_id=workspace_id,
                conversation_id=key,
                contact_id=contact_id,
                assignee_id=held_by,
                assignee_name=name,
            )
        )
    publish_many(lines, at=at)
    notify(workspace_id=workspace_id, conversations=told)
    return frozenset(row[0] for row in rows)
