"""Two conversations that become one: it has one open callback, and the other one is not forgotten."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from twoway.conversations.models import Conversation
from twoway.messaging.callbacks import telling
from twoway.messaging.callbacks.models import Callback, State
from twoway.messaging.callbacks.rules import OPEN


def make_room(*, gone_id: int, into_id: int, at: datetime) -> list[int]:
    """Before the join: of two open callbacks the one that is agreed on goes on, else the earlier one. The other is left
    to a person, with its time; the ids of those."""
    rows = Callback.objects.select_for_update().filter(conversation_id__in=[gone_id, into_id], state__in=OPEN)
    ids = [row.pk for row in sorted(rows, key=_rank)[1:]]
    Callback.objects.filter(id__in=ids).update(state=State.LEFT, next_at=None, changed_at=at)
    return ids


def _rank(row: Callback) -> tuple[bool, datetime, int]:
    return row.state == State.OFFERED, row.starts_at or row.created_at, row.pk


def tell(ids: Collection[int], *, into_id: int, at: datetime) -> None:
    """After it: a line and a notification for each that was left to a person."""
    thread = Conversation.objects.get(id=into_id) if ids else None
    for row in Callback.objects.select_related("member__user").filter(id__in=ids).order_by("id"):
        if thread is not None:
            telling.note(row, thread, "left", by=None, at=at, why="merged")
            telling.ring(row, thread, "left", at=at)
