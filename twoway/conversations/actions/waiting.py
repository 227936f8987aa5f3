"""Somebody waits for us who did not write: they called."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from twoway.conversations.actions.changing import tell
from twoway.conversations.models import Conversation, Episode, State


@transaction.atomic
def wait_for_us(*, conversation_id: int, preview: str, at: datetime) -> None:
    """Put a conversation where it waits for a person, as a text of theirs would; who waited already keeps their place.

    `preview` is what the list says, such as "Missed call".
    """
    row = Conversation.objects.select_for_update(no_key=True).get(id=conversation_id)
    if row.state == State.DONE:
        row.episode += 1
        Episode.objects.create(conversation=row, number=row.episode, opened_at=at)
    if not row.needs_reply:
        row.sort_at, row.unanswered = at, 0
    row.state, row.snoozed_until, row.needs_reply = State.OPEN, None, True
    row.unanswered += 1
    row.last_message_at = max(row.last_message_at, at)
    row.preview, row.preview_by = preview, ""
    row.save(
        update_fields=[
            "state", "snoozed_until", "needs_reply", "sort_at", "unanswered", "episode", "last_message_at",
            "preview", "preview_by",
        ]
    )  # fmt: skip
    tell(row)
