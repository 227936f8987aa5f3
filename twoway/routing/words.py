"""Why somebody got a conversation, as members read it."""

from __future__ import annotations

from twoway.lib.words import noted, t

WHYS = {
    "least_busy": noted("queue {queue}, least busy"),
    "round_robin": noted("queue {queue}, in turn"),
    "last_agent": noted("queue {queue}, wrote to them last"),
    "overflow": noted("queue {queue}, helping out"),
    "next": noted("queue {queue}, took the next"),
    "routed": noted("queue {queue}"),
    "moved": noted("queue {queue}, moved by hand"),
    "escalated": noted("queue {queue}, escalated"),
    "by_hand": noted("queue {queue}, given by hand"),
}
"""Words of `why` on an entry and on `ConversationAssigned`, by key."""


def why_words(why: str, queue_name: str) -> str:
    """A reason, such as "queue Billing, least busy"; "" for none."""
    words = WHYS.get(why)
    return t(words, queue=queue_name) if words else ""
