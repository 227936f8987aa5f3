"""Taking back texts that have not been handed to a provider."""

from __future__ import annotations

from collections.abc import Sequence

from twoway.compliance.rules import NOTICES
from twoway.messaging.models import Direction, Message


def cancel_queued(*, identity_id: int, channel_ids: Sequence[int], reason: str) -> int:
    """Withdraw what has not been claimed yet; how many."""
    waiting = Message.objects.filter(
        identity_id=identity_id, channel_id__in=channel_ids, direction=Direction.OUT, status__in=["queued", "scheduled"]
    )
    return waiting.exclude(purpose__in=[purpose.value for purpose in NOTICES]).update(status="canceled", error=reason)
