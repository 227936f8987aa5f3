"""What became of the wordings of a reply under test."""

from __future__ import annotations

from statistics import median

from django.db import connection

from twoway.replies.models import Reply, ReplyUse
from twoway.replies.trial_rules import Outcome

LATEST = 100
MOST = 5_000
"""The latest so many conversations are looked at."""

# The first sending of the test in each conversation, the customer's first text after it and the end of the episode
# after it, each within seven days.
_OUTCOMES = """
SELECT u.wording,
       (SELECT EXTRACT(EPOCH FROM m.created_at - u.at)::float FROM message m
        WHERE m.conversation_id = u.conversation_id AND m.id > u.message_id AND m.direction = 'in'
          AND m.created_at < u.at + interval '7 days' ORDER BY m.id LIMIT 1) AS wait,
       EXISTS (SELECT FROM episode e WHERE e.conversation_id = u.conversation_id
               AND e.closed_at >= u.at AND e.closed_at < u.at + interval '7 days') AS is_done
FROM (SELECT DISTINCT ON (s.conversation_id) s.* FROM (
        SELECT * FROM saved_reply_use WHERE reply_id = %(reply)s AND at >= %(since)s
        ORDER BY at DESC LIMIT %(most)s) s
      ORDER BY s.conversation_id, s.id) u
WHERE u.was_kept
"""


def changed(reply: Reply) -> tuple[int, int]:
    """In how many of its latest 100 sendings members wrote other words before they sent it, and how many those are."""
    kept = list(ReplyUse.objects.filter(reply=reply).order_by("-at", "-id").values_list("was_kept", flat=True)[:LATEST])
    return kept.count(False), len(kept)


def outcomes(reply: Reply) -> tuple[Outcome, Outcome]:
    """How wording A and wording B did since the test began. Texts whose words a member changed don't count."""
    found: dict[str, list[tuple[float | None, bool]]] = {"a": [], "b": []}
    if reply.tested_since is not None:
        with connection.cursor() as cursor:
            cursor.execute(_OUTCOMES, {"reply": reply.pk, "since": reply.tested_since, "most": MOST})
            for wording, wait, is_done in cursor.fetchall():
                found[wording].append((wait, is_done))
    return _outcome(found["a"]), _outcome(found["b"])


def _outcome(rows: list[tuple[float | None, bool]]) -> Outcome:
    waits = [wait for wait, _ in rows if wait is not None]
    return Outcome(
        sent=len(rows),
        answered=len(waits),
        done=sum(is_done for _, is_done in rows),
        wait=median(waits) if waits else None,
    )
