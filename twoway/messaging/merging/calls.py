"""Calls of people who are put together and parted again: a call stands with whoever has the number it came from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from twoway.contacts.models import Identity
from twoway.messaging.calls.models import Call, CallDirection, CallState

_LINES = """
UPDATE event SET conversation_id = %(into)s
WHERE conversation_id = %(out)s AND type IN ('call_started', 'call_ended', 'call_missed')
  AND (data->>'call_id')::bigint = ANY(%(ids)s)
"""
_RECORDINGS = """
UPDATE media SET conversation_id = %(into)s WHERE conversation_id = %(out)s AND message_id IS NULL
  AND id IN (SELECT recording_id FROM phone_call WHERE id = ANY(%(ids)s))
"""


def with_numbers(conversation_id: int, identity_ids: Sequence[int]) -> QuerySet[Call]:
    """The calls of a conversation with the numbers of these addresses."""
    numbers = Identity.objects.filter(id__in=list(identity_ids)).exclude(value="").values("value")
    return Call.objects.filter(conversation_id=conversation_id, phone__in=numbers)


def move(*, out: int, into: int, identity_ids: Sequence[int]) -> int:
    """Move those calls with their lines and recordings into another conversation; how many there were."""
    ids = list(with_numbers(out, identity_ids).values_list("id", flat=True))
    if not ids:
        return 0
    names: dict[str, Any] = {"out": out, "into": into, "ids": ids}
    with connection.cursor() as cursor:
        cursor.execute(_RECORDINGS, names)
        cursor.execute(_LINES, names)
    return Call.objects.filter(id__in=ids).update(conversation_id=into)


def in_vain_since(conversation_id: int, at: datetime | None) -> bool:
    """Whether somebody called in vain after a moment, None for ever, so that their conversation waits for us."""
    missed = (CallState.MISSED, CallState.VOICEMAIL)
    found = Call.objects.filter(conversation_id=conversation_id, direction=CallDirection.IN, state__in=missed)
    return (found if at is None else found.filter(started_at__gt=at)).exists()
