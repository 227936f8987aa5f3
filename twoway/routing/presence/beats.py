"""What the web process writes of open browsers: one statement for all of them, and none where nothing is routed."""

from __future__ import annotations

SEEN = """
INSERT INTO presence (member_id, workspace_id, chosen, chosen_at, seen_at, shown, shown_at)
SELECT m.id, m.workspace_id, '', %(at)s, %(at)s, 'offline', %(at)s
FROM member m
WHERE m.id = ANY(%(members)s::bigint[]) AND m.is_active
  AND EXISTS (SELECT FROM routing_queue q WHERE q.workspace_id = m.workspace_id AND q.is_active)
ORDER BY m.id
ON CONFLICT (member_id) DO UPDATE SET seen_at = greatest(presence.seen_at, EXCLUDED.seen_at)
"""
"""Members whose browsers were open at %(at)s. Who never chose has chosen nothing, and is away until they do."""
