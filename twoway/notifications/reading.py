"""Reading the outbox on and telling members of it; and, every few seconds, of customers who have waited too long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from twoway.events import following
from twoway.events.following import BATCH, follow
from twoway.notifications import rules, telling, waiting
from twoway.notifications.models import WaitingLook

FOLLOWER = "notifications"
"""The name of our place in the outbox."""
WAITING_EVERY = timedelta(seconds=20)


def round_of(*, at: datetime, limit: int = BATCH) -> int:
    """Tell members of what was written since the last round; how many events were read. 0 while another worker is
    at it."""

    def tell(events: Sequence[following.Seen]) -> None:
        telling.tell([telling.seen(event) for event in events], at=at)

    read = follow(FOLLOWER, tell, types=rules.EVENTS, at=at, limit=limit)
    _look_at_waiting(at)
    return read


def _look_at_waiting(at: datetime) -> None:
    """Tell of whose wait passed a limit since the last look, if it is time; one worker at a time."""
    looked_at = WaitingLook.objects.filter(id=1).values_list("at", flat=True).first()
    if looked_at is None:
        WaitingLook.objects.get_or_create(id=1, defaults={"at": at})
    elif at - looked_at >= WAITING_EVERY:
        with transaction.atomic():
            look = WaitingLook.objects.select_for_update(skip_locked=True).filter(id=1, at=looked_at).first()
            if look is not None:
                waiting.look(since=look.at, at=at)
                look.at = at
                look.save()
