"""What joining and leaving a pool does to conversations: a person has one with all of its numbers."""

from __future__ import annotations

from django.db import connection

_GATHER = """
    WITH candidates AS (
        SELECT DISTINCT ON (v.contact_id) v.id
        FROM conversation v JOIN channel c ON c.id = v.channel_id
        WHERE c.pool_id = %(pool)s AND v.pool_id IS NULL AND NOT EXISTS (
            SELECT 1 FROM conversation o WHERE o.contact_id = v.contact_id AND o.pool_id = %(pool)s)
        ORDER BY v.contact_id, v.last_message_at DESC, v.id DESC
    )
    UPDATE conversation v SET pool_id = %(pool)s FROM candidates n WHERE v.id = n.id
"""

_SCATTER = "UPDATE conversation SET pool_id = NULL WHERE channel_id = %(channel)s AND pool_id IS NOT NULL"

_HAND_OVER = """
    UPDATE conversation v SET channel_id = %(successor)s
    WHERE v.channel_id = %(channel)s AND v.pool_id = %(pool)s AND NOT EXISTS (
        SELECT 1 FROM conversation o WHERE o.contact_id = v.contact_id AND o.channel_id = %(successor)s)
"""


def gather(*, pool_id: int) -> int:
    """Make each person's latest conversation with a number of the pool the one with all of them; how many.

    Older ones with its other numbers stay as they are, to be read. Whoever has one with the pool already keeps it.
    """
    return _run(_GATHER, pool=pool_id)


def scatter(*, channel_id: int) -> int:
    """Let the conversations of a number that left its pool be with that number alone; how many."""
    return _run(_SCATTER, channel=channel_id)


def hand_over(*, channel_id: int, successor_id: int, pool_id: int) -> int:
    """Continue a retired number's conversations on its successor; how many.

    Who has an older conversation with the successor alone keeps writing from the pool all the same: what leaves is
    decided text by text.
    """
    return _run(_HAND_OVER, channel=channel_id, successor=successor_id, pool=pool_id)


def _run(sql: str, **values: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        changed: int = cursor.rowcount
    return changed
